import {
  applyDecorators,
  createParamDecorator,
  type ExecutionContext,
  HttpCode,
  RequestMapping,
  RequestMethod,
} from "@nestjs/common";
import { RouteConfig } from "@nestjs/platform-fastify";
import type { Endpoint } from "@pullwright/contracts";
import type { FastifyRequest } from "fastify";
import type { Caller } from "../auth/caller.js";
import { parseInput } from "./parse-input.js";

/** Makes a method the handler of an endpoint: address, method, status and access come from the catalog. */
export const Handles = (endpoint: Endpoint): MethodDecorator =>
  applyDecorators(
    RequestMapping({
      path: endpoint.path.replace(/\{(\w+)\}/g, ":$1"),
      method: RequestMethod[endpoint.method],
    }),
    HttpCode(endpoint.status),
    RouteConfig({ endpoint, access: endpoint.access }),
  );

/** The request, parsed by its endpoint's schemas; annotate it with `InputOf<typeof endpoints.…>`. */
export const Input = createParamDecorator(
  (_: undefined, context: ExecutionContext) => {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { endpoint } = request.routeOptions.config;
    if (endpoint === undefined)
      throw new TypeError("Input() stands in a method without Handles().");
    return parseInput(endpoint, request);
  },
);

/** Who asks. */
export const By = createParamDecorator(
  (_: undefined, context: ExecutionContext): Caller => {
    const { caller } = context.switchToHttp().getRequest<FastifyRequest>();
    if (caller === null)
      throw new TypeError("A public endpoint has no caller.");
    return caller;
  },
);

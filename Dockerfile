# One image for every service; the command says which. Node 24 is what deployments run, 20.19 is what we support.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json nx.json .swcrc ./
COPY libs libs
COPY apps apps
COPY tools tools
RUN npm ci && npm run build && npm prune --omit=dev

FROM node:24-bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends bubblewrap ca-certificates git util-linux \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --create-home pullwright \
 && install -d -o pullwright /var/lib/pullwright
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/libs libs
COPY --from=build /app/apps apps
COPY --from=build /app/tools tools
# Agents' CLIs are yours to choose and to license: npm packages with their versions, separated by spaces.
ARG AGENT_PACKAGES=""
RUN [ -z "$AGENT_PACKAGES" ] || npm install --global --no-fund --no-audit $AGENT_PACKAGES
ENV NODE_ENV=production WORK_DIR=/var/lib/pullwright
USER pullwright
EXPOSE 8000 8001
CMD ["node", "apps/all-in-one/dist/main.js"]

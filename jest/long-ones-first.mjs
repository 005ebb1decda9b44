// Jest knows how long a spec takes once it has run on a machine. In a fresh clone it begins with the largest files, and a
// small one that takes minutes comes last: the others had ended 110 s before the fast selection of the faults.
import Sequencer from "@jest/test-sequencer";

const LONG_THOUGH_SMALL = /\/tools\/faults\/src\/fast-selection\.spec\.ts$/;

export default class LongOnesFirst extends Sequencer {
  sort(tests) {
    const begins = ({ path, duration }) =>
      duration === undefined && LONG_THOUGH_SMALL.test(path);
    return super
      .sort(tests)
      .toSorted((one, other) => Number(begins(other)) - Number(begins(one)));
  }
}

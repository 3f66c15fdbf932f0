// SPDX-License-Identifier: MIT
// A price feed that misbehaves in the ways a real one cannot be made to.
pragma solidity ^0.8.28;

contract HostileFeed {
    enum Mood {
        Revert,
        Empty,
        Short,
        Garbage,
        RunsOutOfGas
    }

    Mood private immutable _mood;

    constructor(Mood mood) {
        _mood = mood;
    }

    function decimals() external pure returns (uint8) {
        return 8;
    }

    function latestRoundData() external view {
        if (_mood == Mood.Revert) revert("no data present");
        if (_mood == Mood.RunsOutOfGas) assembly { invalid() }
        uint256 size = _mood == Mood.Empty ? 0 : _mood == Mood.Short ? 159 : 160;
        // All bits set: a round id that no uint80 holds, a negative answer, times in the far future.
        assembly {
            mstore(0, not(0))
            for { let at := 0 } lt(at, size) { at := add(at, 32) } { mstore(at, not(0)) }
            return(0, size)
        }
    }
}

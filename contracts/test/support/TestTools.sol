// SPDX-License-Identifier: MIT
// forge-std without its safe console, whose assembly draws 689 warnings from a current compiler.
pragma solidity ^0.8.28;

import {TestBase} from "@layerzerolabs/toolbox-foundry/lib/forge-std/Base.sol";
import {StdAssertions} from "@layerzerolabs/toolbox-foundry/lib/forge-std/StdAssertions.sol";
import {StdCheats} from "@layerzerolabs/toolbox-foundry/lib/forge-std/StdCheats.sol";
import {StdInvariant} from "@layerzerolabs/toolbox-foundry/lib/forge-std/StdInvariant.sol";

/// @title What a test contract inherits.
abstract contract TestTools is TestBase, StdAssertions, StdCheats, StdInvariant {
    /// A number inside [min, max] made of any number; forge-std's own `bound` prints every result.
    function _between(uint256 value, uint256 min, uint256 max) internal pure returns (uint256) {
        return min + value % (max - min + 1);
    }
}

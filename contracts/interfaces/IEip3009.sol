// SPDX-License-Identifier: MIT
// The one call of EIP-3009 that the escrow makes, in the overload that also takes contract signatures.
pragma solidity ^0.8.28;

/// @title Token transfer authorised by a signature, callable by its receiver only.
interface IEip3009 {
    /// @notice Moves `value` from `from` to `to`, which must be msg.sender. The nonce can be used once.
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;
}

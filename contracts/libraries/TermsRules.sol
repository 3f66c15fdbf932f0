// SPDX-License-Identifier: MIT
// What terms must be to be funded, whoever signed them, and their EIP-712 hash.
pragma solidity ^0.8.28;

import {IComputeRouter} from "../interfaces/IComputeRouter.sol";

/// @title The rules of a job's terms that need nothing but the terms and the clock.
library TermsRules {
    /// @dev Field by field the struct in IComputeRouter; a test compares it with what a wallet signs.
    bytes32 internal constant TYPEHASH = keccak256(
        "Terms(address refundTo,bytes32 provider,uint16 gpuCount,uint64 pricePerHour,uint32 maxSeconds,uint32 minSeconds,uint16 feeBps,uint64 fundBy,uint64 startBy,bytes32 decisionRoot,bytes32 decisionHash,uint32 decisionLength,bytes32 memberTag,bool tracked,bytes32 priceAsset,uint128 tokenPrice,bytes32 ref,bytes32 salt)"
    );
    /// No terms can give away more than a tenth as fee.
    uint256 internal constant MAX_FEE_BPS = 1000;
    /// Longest a deposit can wait for its start, so that a mistyped startBy cannot lock it for years.
    uint256 internal constant MAX_START_WINDOW = 30 days;
    /// Longest job, for the same reason.
    uint256 internal constant MAX_JOB_SECONDS = 365 days;

    /// @notice keccak256(abi.encode(TYPEHASH, terms)): 18 static words, so that calldata is their encoding already.
    function hash(IComputeRouter.Terms calldata terms) internal pure returns (bytes32 message) {
        bytes32 typehash = TYPEHASH;
        assembly ("memory-safe") {
            let at := mload(0x40)
            mstore(at, typehash)
            calldatacopy(add(at, 0x20), terms, 0x240)
            message := keccak256(at, 0x260)
        }
    }

    /// @notice Reverts when no job could be made of these terms now.
    function check(IComputeRouter.Terms calldata terms) internal view {
        address refundTo = terms.refundTo;
        if (refundTo == address(0) || refundTo == address(this)) revert IComputeRouter.InvalidTerm("refundTo");
        if (terms.gpuCount == 0) revert IComputeRouter.InvalidTerm("gpuCount");
        if (terms.pricePerHour == 0) revert IComputeRouter.InvalidTerm("pricePerHour");
        uint256 maxSeconds = terms.maxSeconds;
        if (maxSeconds == 0 || maxSeconds > MAX_JOB_SECONDS) revert IComputeRouter.InvalidTerm("maxSeconds");
        if (terms.minSeconds > maxSeconds) revert IComputeRouter.InvalidTerm("minSeconds");
        if (terms.decisionRoot == bytes32(0)) revert IComputeRouter.InvalidTerm("decisionRoot");
        if (terms.decisionHash == bytes32(0)) revert IComputeRouter.InvalidTerm("decisionHash");
        if (terms.decisionLength == 0) revert IComputeRouter.InvalidTerm("decisionLength");
        if (terms.ref == bytes32(0)) revert IComputeRouter.InvalidTerm("ref");
        if (terms.feeBps > MAX_FEE_BPS) revert IComputeRouter.FeeTooHigh(terms.feeBps, MAX_FEE_BPS);
        (bool tracked, bytes32 memberTag) = (terms.tracked, terms.memberTag);
        if (tracked != (memberTag != bytes32(0))) revert IComputeRouter.MemberTagMismatch(tracked, memberTag);
        (uint256 fundBy, uint256 startBy) = (terms.fundBy, terms.startBy);
        if (block.timestamp > fundBy) revert IComputeRouter.QuoteExpired(fundBy, block.timestamp);
        uint256 latest = block.timestamp + MAX_START_WINDOW;
        if (startBy < fundBy || startBy > latest) revert IComputeRouter.StartWindowInvalid(fundBy, startBy, latest);
    }
}

// SPDX-License-Identifier: MIT
// The arithmetic of a job: what it deposits, what it owes after some seconds, what part of that is fee.
pragma solidity ^0.8.28;

/// @title Pure money math in micro-USDC. No intermediate can overflow: every product stays below 2^128.
library Metering {
    uint256 internal constant BPS = 10_000;
    uint256 internal constant HOUR = 3600;

    /// @notice pricePerHour × maxSeconds / 3600, rounded up.
    function deposit(uint64 pricePerHour, uint32 maxSeconds) internal pure returns (uint96) {
        // 2^64 × 2^32 / 3600 < 2^85, so the cast cannot cut.
        return uint96((uint256(pricePerHour) * maxSeconds + HOUR - 1) / HOUR);
    }

    /// @notice pricePerHour × billed seconds / 3600, rounded down; billed is at least minSeconds once anything ran.
    function owed(uint64 pricePerHour, uint32 minSeconds, uint32 usedSeconds) internal pure returns (uint96) {
        uint256 billed = usedSeconds != 0 && usedSeconds < minSeconds ? minSeconds : usedSeconds;
        return uint96(uint256(pricePerHour) * billed / HOUR);
    }

    /// @notice The fee inside a released total, rounded down. Taken of totals, so that it does not drift either.
    function fee(uint256 released, uint16 feeBps) internal pure returns (uint256) {
        return released * feeBps / BPS;
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// The storage market, as far as an upload needs it: a fixed price, and a purse for the fees.
contract Market {
    /// Wei per sector of 256 bytes.
    uint256 public immutable pricePerSector;

    constructor(uint256 price) {
        pricePerSector = price;
    }

    receive() external payable {}
}

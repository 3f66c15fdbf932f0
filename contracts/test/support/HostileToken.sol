// SPDX-License-Identifier: MIT
// Six-decimal tokens that cheat: the router is bound to USDC, so these only show that cheating costs nobody else.
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

contract HostileToken is ERC20 {
    enum Mood {
        Honest,
        TakesAFee,
        CallsBack,
        AnswersFalse
    }

    Mood public mood;
    address public target;
    bytes public callback;
    bool public callbackPassed;

    constructor() ERC20("Hostile", "HST") {}

    function decimals() public pure override returns (uint8) {
        return 6;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function behave(Mood mood_) external {
        mood = mood_;
    }

    /// On each transfer calls `target` back, as a token with hooks would.
    function callBack(address target_, bytes calldata data) external {
        (mood, target, callback) = (Mood.CallsBack, target_, data);
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        if (mood == Mood.AnswersFalse) return false;
        return super.transfer(to, amount);
    }

    function receiveWithAuthorization(
        address from,
        address to,
        uint256 amount,
        uint256,
        uint256,
        bytes32,
        bytes calldata
    ) external {
        _transfer(from, to, amount);
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (mood == Mood.CallsBack && from != address(0)) {
            (bool ok,) = target.call(callback);
            callbackPassed = callbackPassed || ok;
        }
        if (mood == Mood.TakesAFee && from != address(0)) {
            super._update(from, address(0xfee), 1);
            amount -= 1;
        }
        super._update(from, to, amount);
    }
}

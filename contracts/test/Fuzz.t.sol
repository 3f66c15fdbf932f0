// SPDX-License-Identifier: MIT
// The arithmetic against a reference, every term's place in the hash, and tampering with any field.
pragma solidity ^0.8.28;

import {IComputeRouter} from "../interfaces/IComputeRouter.sol";
import {EscrowTest} from "./support/EscrowTest.sol";

contract FuzzTest is EscrowTest {
    /// 18 fields of one word each, as the type string lists them.
    uint256 private constant FIELDS = 18;

    /// The reference multiplies out instead of dividing: owed is the largest number with owed × 3600 ≤ price × billed.
    function testFuzz_OwedIsTheFloor(uint64 price, uint32 minSeconds, uint32 used) public view {
        uint256 owed = router.owedFor(price, minSeconds, used);
        uint256 billed = used == 0 ? 0 : used > minSeconds ? used : minSeconds;
        assertLe(owed * 3600, uint256(price) * billed);
        assertGt((owed + 1) * 3600, uint256(price) * billed);
    }

    function testFuzz_DepositIsTheCeiling(uint64 price, uint32 maxSeconds) public view {
        uint256 deposit = router.depositFor(price, maxSeconds);
        uint256 exact = uint256(price) * maxSeconds;
        assertGe(deposit * 3600, exact);
        if (deposit > 0) assertLt((deposit - 1) * 3600, exact);
    }

    function testFuzz_OwedNeverExceedsTheDeposit(uint64 price, uint32 maxSeconds, uint32 minSeconds, uint32 used)
        public
        view
    {
        minSeconds = uint32(_between(minSeconds, 0, maxSeconds));
        used = uint32(_between(used, 0, maxSeconds));
        assertLe(router.owedFor(price, minSeconds, used), router.depositFor(price, maxSeconds));
    }

    /// Many small checkpoints pay exactly what one big one pays, fee included.
    function testFuzz_CheckpointsDoNotDrift(uint64 price, uint16 feeBps, uint32[8] memory steps) public {
        IComputeRouter.Terms memory terms = _terms();
        terms.pricePerHour = uint64(_between(price, 1, 100_000e6));
        terms.feeBps = uint16(_between(feeBps, 0, 1000));
        (terms.maxSeconds, terms.minSeconds) = (86_400, 60);
        usdc.mint(payer, 3_000_000e6);
        bytes32 id = _start(terms);
        uint32 used;
        vm.startPrank(agent);
        for (uint256 i = 0; i < steps.length; i++) {
            uint32 step = uint32(_between(steps[i], 0, 10_000));
            vm.warp(block.timestamp + step);
            used += step;
            router.checkpoint(id, used);
        }
        router.complete(id, used, bytes32(0));
        uint256 owed = router.owedFor(terms.pricePerHour, 60, used);
        uint256 fee = owed * terms.feeBps / 10_000;
        assertEq(usdc.balanceOf(payout), owed - fee);
        assertEq(router.credits(feeRecipient), fee);
        assertEq(usdc.balanceOf(refundTo), router.getJob(id).deposit - owed);
        _assertSolvent();
    }

    /// EIP-712 by hand, from the type string: what a wallet signs is what the contract hashes.
    function testFuzz_TermsHashIsTheTypedDataDigest(IComputeRouter.Terms memory terms) public view {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("ComputeRouter"),
                keccak256("1"),
                block.chainid,
                address(router)
            )
        );
        bytes32 message = keccak256(bytes.concat(router.TERMS_TYPEHASH(), abi.encode(terms)));
        assertEq(router.termsHash(terms), keccak256(abi.encodePacked("\x19\x01", domain, message)));
    }

    function test_TermsHashBelongsToItsChainAndRouter() public {
        IComputeRouter.Terms memory terms = _terms();
        bytes32 here = router.termsHash(terms);
        assertNotEq(_deployRouter(router.usdc()).termsHash(terms), here);
        vm.chainId(8453);
        assertNotEq(router.termsHash(terms), here);
    }

    /// Whatever bit of whatever field is changed after signing: another id, and neither signature counts.
    function testFuzz_NoFieldCanBeTampered(uint8 field, uint8 bit) public {
        IComputeRouter.Terms memory terms = _terms();
        (terms.tracked, terms.memberTag) = (true, keccak256("member"));
        (bytes memory quote, bytes memory signature) = (_quote(terms), _authorize(terms));
        IComputeRouter.Terms memory tampered = _flip(terms, field % FIELDS, bit);
        assertNotEq(router.termsHash(tampered), router.termsHash(terms));

        uint256 validBefore = block.timestamp + 3600;
        vm.expectRevert();
        router.fundWithAuthorization(tampered, quote, payer, 0, validBefore, signature);
        // Even a quoter's signature under the tampered terms does not make the payer's count.
        bytes memory requoted = _quote(tampered);
        vm.expectRevert();
        router.fundWithAuthorization(tampered, requoted, payer, 0, validBefore, signature);
        vm.prank(payer);
        vm.expectRevert();
        router.fund(tampered, quote);
        router.fundWithAuthorization(terms, quote, payer, 0, validBefore, signature);
    }

    /// The same for each of the 18 fields, first and last bit, so that none is left to chance.
    function test_EveryFieldIsSigned() public {
        IComputeRouter.Terms memory terms = _terms();
        (terms.tracked, terms.memberTag) = (true, keccak256("member"));
        (bytes memory quote, bytes memory signature) = (_quote(terms), _authorize(terms));
        uint256 validBefore = block.timestamp + 3600;
        for (uint256 field = 0; field < FIELDS; field++) {
            for (uint256 bit = 0; bit < 2; bit++) {
                IComputeRouter.Terms memory tampered = _flip(terms, field, bit == 0 ? 0 : _widths()[field] - 1);
                bytes32 id = router.termsHash(tampered);
                vm.expectRevert();
                router.fundWithAuthorization(tampered, quote, payer, 0, validBefore, signature);
                _assertStatus(id, IComputeRouter.Status.None);
            }
        }
        router.fundWithAuthorization(terms, quote, payer, 0, validBefore, signature);
    }

    /// Whoever relays a refund chooses its gas: too little may turn the push into a credit, never lose it.
    function testFuzz_NoGasLosesARefund(uint256 gas_) public {
        bytes32 id = _fund(_terms());
        vm.warp(router.reclaimableAfter(id) + 1);
        uint256 limit = _between(gas_, 10_000, 250_000);
        (bool ok,) = address(router).call{gas: limit}(abi.encodeCall(IComputeRouter.reclaim, (id)));
        _assertStatus(id, ok ? IComputeRouter.Status.Refunded : IComputeRouter.Status.Funded);
        assertEq(usdc.balanceOf(refundTo) + router.credits(refundTo), ok ? DEPOSIT : 0);
        _assertSolvent();
    }

    function testFuzz_TimeLimitsHoldToTheSecond(uint32 seconds_) public {
        IComputeRouter.Terms memory terms = _terms();
        bytes32 id = _fund(terms);
        uint256 when = T0 + _between(seconds_, 0, 6000);
        vm.warp(when);
        uint256 snapshot = vm.snapshotState();
        vm.prank(agent);
        (bool started,) = address(router).call(abi.encodeCall(IComputeRouter.start, (id)));
        vm.revertToState(snapshot);
        (bool reclaimed,) = address(router).call(abi.encodeCall(IComputeRouter.reclaim, (id)));
        assertEq(started, when <= terms.startBy);
        assertEq(reclaimed, when > terms.startBy, "never both, never neither");
    }

    function testFuzz_UsedIsCappedByWallClockAndMaximum(uint32 elapsed, uint32 used) public {
        bytes32 id = _start(_terms());
        elapsed = uint32(_between(elapsed, 0, 5000));
        used = uint32(_between(used, 0, 5000));
        vm.warp(block.timestamp + elapsed);
        vm.prank(agent);
        (bool ok,) = address(router).call(abi.encodeCall(IComputeRouter.checkpoint, (id, used)));
        assertEq(ok, used <= elapsed && used <= 3600);
    }

    function _widths() private pure returns (uint16[18] memory) {
        return [160, 256, 16, 64, 32, 32, 16, 64, 64, 256, 256, 32, 256, 1, 256, 128, 256, 256];
    }

    /// Flips one bit inside the given field of a copy.
    function _flip(IComputeRouter.Terms memory terms, uint256 field, uint256 bit)
        private
        pure
        returns (IComputeRouter.Terms memory)
    {
        bytes memory encoded = abi.encode(terms);
        uint256 mask = 1 << (bit % _widths()[field]);
        assembly ("memory-safe") {
            let at := add(add(encoded, 32), mul(field, 32))
            mstore(at, xor(mload(at), mask))
        }
        return abi.decode(encoded, (IComputeRouter.Terms));
    }
}

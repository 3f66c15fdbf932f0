// SPDX-License-Identifier: MIT
// PriceGuard: every way a feed can be wrong, the deviation limit, and the waiting time of changes.
pragma solidity ^0.8.28;

import {MockV3Aggregator} from "@chainlink/contracts/src/v0.8/shared/mocks/MockV3Aggregator.sol";

import {PriceGuard} from "../PriceGuard.sol";
import {IPriceGuard} from "../interfaces/IPriceGuard.sol";
import {EscrowTest} from "./support/EscrowTest.sol";
import {HostileFeed} from "./support/HostileFeed.sol";

contract PriceGuardTest is EscrowTest {
    uint256 private constant MAX_AGE = 86_400 + 120;

    function test_UsdPassesWithoutATokenPrice() public {
        assertTrue(guard.check(bytes32(0), 0));
        vm.expectRevert(abi.encodeWithSelector(IPriceGuard.TokenPriceMismatch.selector, bytes32(0), 1));
        guard.check(bytes32(0), 1);
        vm.expectRevert(abi.encodeWithSelector(IPriceGuard.TokenPriceMismatch.selector, AKT, 0));
        guard.check(AKT, 0);
    }

    function test_AssetWithoutAFeedIsUnverified() public {
        assertFalse(guard.check(NOS, 0.5e8));
        vm.expectRevert(abi.encodeWithSelector(IPriceGuard.FeedUnavailable.selector, NOS, address(0)));
        guard.priceOf(NOS);
    }

    function test_DeviationLimitIsInclusive() public {
        aktFeed.updateAnswer(1e8);
        assertTrue(guard.check(AKT, 1.03e8));
        assertTrue(guard.check(AKT, 0.97e8));
        vm.expectRevert(abi.encodeWithSelector(IPriceGuard.PriceDeviates.selector, AKT, 1.03e8 + 1, 1e8, 300));
        guard.check(AKT, 1.03e8 + 1);
        vm.expectRevert(abi.encodeWithSelector(IPriceGuard.PriceDeviates.selector, AKT, 0.97e8 - 1, 1e8, 300));
        guard.check(AKT, 0.97e8 - 1);
    }

    function testFuzz_DeviationIsMeasuredFromTheFeed(uint128 quoted, uint64 answer) public {
        answer = uint64(_between(answer, 0.01e8, 100e8));
        quoted = uint128(_between(quoted, 1, 1000e8));
        aktFeed.updateAnswer(int256(uint256(answer)));
        uint256 apart = quoted > answer ? quoted - answer : answer - quoted;
        bool near = apart * 10_000 <= uint256(answer) * 300;
        try guard.check(AKT, quoted) returns (bool verified) {
            assertTrue(near && verified);
        } catch {
            assertFalse(near);
        }
    }

    function test_EachFeedHasItsOwnHeartbeat() public {
        vm.warp(T0 + MAX_AGE);
        guard.priceOf(USDC);
        vm.warp(T0 + MAX_AGE + 1);
        vm.expectRevert(abi.encodeWithSelector(IPriceGuard.FeedStale.selector, USDC, T0, MAX_AGE, T0 + MAX_AGE + 1));
        guard.check(bytes32(0), 0);
        usdcFeed.updateAnswer(1e8);
        assertTrue(guard.check(bytes32(0), 0), "AKT's age does not matter to a USD job");
        vm.expectRevert(abi.encodeWithSelector(IPriceGuard.FeedStale.selector, AKT, T0, MAX_AGE, block.timestamp));
        guard.check(AKT, 1.23e8);
    }

    function test_BoundsAreInclusive() public {
        usdcFeed.updateAnswer(0.98e8);
        guard.check(bytes32(0), 0);
        usdcFeed.updateAnswer(1.02e8);
        guard.check(bytes32(0), 0);
        usdcFeed.updateAnswer(1.02e8 + 1);
        vm.expectRevert(
            abi.encodeWithSelector(IPriceGuard.PriceOutOfBounds.selector, USDC, 1.02e8 + 1, 0.98e8, 1.02e8)
        );
        guard.check(bytes32(0), 0);
        usdcFeed.updateAnswer(0.98e8 - 1);
        vm.expectRevert(
            abi.encodeWithSelector(IPriceGuard.PriceOutOfBounds.selector, USDC, 0.98e8 - 1, 0.98e8, 1.02e8)
        );
        guard.check(bytes32(0), 0);
    }

    function test_AnswersThatAreNoPriceAreRefused() public {
        int256[4] memory answers = [int256(0), -1, type(int256).min, type(int256).max];
        for (uint256 i = 0; i < answers.length; i++) {
            usdcFeed.updateAnswer(answers[i]);
            vm.expectRevert(abi.encodeWithSelector(IPriceGuard.FeedAnswerInvalid.selector, USDC, answers[i]));
            guard.check(bytes32(0), 0);
        }
    }

    function test_TimesThatCannotBeAreRefused() public {
        uint256[2] memory times = [uint256(0), T0 + 1];
        for (uint256 i = 0; i < times.length; i++) {
            usdcFeed.updateRoundData(2, 1e8, times[i], T0);
            vm.expectRevert(abi.encodeWithSelector(IPriceGuard.FeedTimeInvalid.selector, USDC, times[i], T0));
            guard.check(bytes32(0), 0);
        }
    }

    function test_FeedsThatAnswerNonsenseAreRefused() public {
        for (uint8 mood = 0; mood < 5; mood++) {
            HostileFeed feed = new HostileFeed(HostileFeed.Mood(mood));
            IPriceGuard.InitialFeed[] memory feeds = _feeds();
            feeds[0].config.source = address(feed);
            PriceGuard hostile = new PriceGuard(admin, 1 days, 2 days, address(0), 0, feeds);
            if (HostileFeed.Mood(mood) == HostileFeed.Mood.Garbage) {
                vm.expectRevert(abi.encodeWithSelector(IPriceGuard.FeedAnswerInvalid.selector, USDC, -1));
            } else {
                vm.expectRevert(abi.encodeWithSelector(IPriceGuard.FeedUnavailable.selector, USDC, address(feed)));
            }
            hostile.check{gas: 5_000_000}(bytes32(0), 0);
        }
    }

    function test_DecimalsAreReadOnceAndScaled() public {
        IPriceGuard.InitialFeed[] memory feeds = _feeds();
        feeds[0].config.source = address(new MockV3Aggregator(18, 1e18));
        feeds[1].config.source = address(new MockV3Aggregator(6, 1_230_000));
        PriceGuard scaled = new PriceGuard(admin, 1 days, 2 days, address(0), 0, feeds);
        assertEq(scaled.priceOf(USDC), 1e8);
        assertEq(scaled.priceOf(AKT), 1.23e8);
        (, uint8 decimals) = scaled.getFeed(USDC);
        assertEq(decimals, 18);
    }

    function test_SequencerMustBeUpForItsGrace() public {
        MockV3Aggregator uptime = new MockV3Aggregator(0, 0);
        PriceGuard onL2 = new PriceGuard(admin, 1 days, 2 days, address(uptime), 3600, _feeds());
        vm.expectRevert(abi.encodeWithSelector(IPriceGuard.SequencerStarting.selector, T0, 3600, T0));
        onL2.check(bytes32(0), 0);
        vm.warp(T0 + 3600);
        vm.expectRevert(abi.encodeWithSelector(IPriceGuard.SequencerStarting.selector, T0, 3600, T0 + 3600));
        onL2.check(bytes32(0), 0);
        vm.warp(T0 + 3601);
        assertTrue(onL2.check(bytes32(0), 0));
        onL2.priceOf(USDC);

        uptime.updateAnswer(1);
        vm.expectRevert(abi.encodeWithSelector(IPriceGuard.SequencerDown.selector, 1));
        onL2.check(bytes32(0), 0);
        uptime.updateRoundData(9, 0, block.timestamp, 0);
        vm.expectRevert(abi.encodeWithSelector(IPriceGuard.SequencerUnavailable.selector, address(uptime)));
        onL2.check(bytes32(0), 0);
        vm.etch(address(uptime), "");
        vm.expectRevert(abi.encodeWithSelector(IPriceGuard.SequencerUnavailable.selector, address(uptime)));
        onL2.priceOf(USDC);
    }

    function test_NewFeedWaits() public {
        MockV3Aggregator nos = new MockV3Aggregator(8, 0.5e8);
        IPriceGuard.FeedConfig memory config = _feed(address(nos), 0.01e8, 10e8);
        vm.prank(stranger);
        vm.expectRevert(_missingRole(stranger, bytes32(0)));
        guard.proposeFeed(NOS, config);
        vm.prank(admin);
        guard.proposeFeed(NOS, config);
        vm.warp(T0 + 2 days - 1);
        vm.expectRevert(abi.encodeWithSelector(IPriceGuard.FeedNotReady.selector, NOS, T0 + 2 days, T0 + 2 days - 1));
        guard.applyFeed(NOS);
        vm.warp(T0 + 2 days);
        vm.prank(stranger);
        guard.applyFeed(NOS);
        nos.updateAnswer(0.5e8);
        usdcFeed.updateAnswer(1e8);
        assertTrue(guard.check(NOS, 0.5e8));
        vm.expectRevert(abi.encodeWithSelector(IPriceGuard.NoFeedPending.selector, NOS));
        guard.applyFeed(NOS);
    }

    function test_RemovingAFeedMakesItsAssetUnverified() public {
        IPriceGuard.FeedConfig memory none;
        vm.prank(admin);
        guard.proposeFeed(AKT, none);
        vm.warp(T0 + 2 days);
        guard.applyFeed(AKT);
        usdcFeed.updateAnswer(1e8);
        assertFalse(guard.check(AKT, 99e8));
    }

    function test_PendingFeedCanBeDropped() public {
        vm.startPrank(admin);
        guard.proposeFeed(AKT, _feed(address(usdcFeed), 1, 2));
        guard.cancelFeed(AKT);
        vm.expectRevert(abi.encodeWithSelector(IPriceGuard.NoFeedPending.selector, AKT));
        guard.cancelFeed(AKT);
        vm.stopPrank();
        vm.expectRevert(_missingRole(stranger, bytes32(0)));
        vm.prank(stranger);
        guard.cancelFeed(AKT);
    }

    function test_SenselessFeedsAreRefused() public {
        IPriceGuard.FeedConfig memory none;
        vm.startPrank(admin);
        vm.expectRevert(IPriceGuard.UsdcFeedRequired.selector);
        guard.proposeFeed(USDC, none);
        IPriceGuard.FeedConfig memory config = _feed(address(aktFeed), 1, 2);
        _refused(bytes32(0), config, "asset");
        config.heartbeat = 0;
        _refused(AKT, config, "heartbeat");
        config = _feed(address(aktFeed), 1, 2);
        config.maxDeviationBps = 10_000;
        _refused(AKT, config, "maxDeviationBps");
        _refused(AKT, _feed(address(aktFeed), 0, 2), "bounds");
        _refused(AKT, _feed(address(aktFeed), 3, 2), "bounds");
        vm.stopPrank();
        IPriceGuard.InitialFeed[] memory feeds = _feeds();
        feeds[0].asset = NOS;
        vm.expectRevert(IPriceGuard.UsdcFeedRequired.selector);
        new PriceGuard(admin, 1 days, 2 days, address(0), 0, feeds);
        feeds[0].config.source = address(new MockV3Aggregator(37, 1));
        vm.expectRevert(abi.encodeWithSelector(IPriceGuard.InvalidFeed.selector, NOS, "decimals"));
        new PriceGuard(admin, 1 days, 2 days, address(0), 0, feeds);
    }

    function _refused(bytes32 asset, IPriceGuard.FeedConfig memory config, string memory field) private {
        vm.expectRevert(abi.encodeWithSelector(IPriceGuard.InvalidFeed.selector, asset, field));
        guard.proposeFeed(asset, config);
    }
}

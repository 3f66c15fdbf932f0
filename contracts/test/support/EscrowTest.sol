// SPDX-License-Identifier: MIT
// What every escrow test starts from: real USDC, real feeds' interface, the three contracts, one account per part.
pragma solidity ^0.8.28;

import {MockV3Aggregator} from "@chainlink/contracts/src/v0.8/shared/mocks/MockV3Aggregator.sol";
import {TestTools} from "./TestTools.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {ComputeRouter} from "../../ComputeRouter.sol";
import {PriceGuard} from "../../PriceGuard.sol";
import {ProviderRegistry} from "../../ProviderRegistry.sol";
import {IComputeRouter} from "../../interfaces/IComputeRouter.sol";
import {IPriceGuard} from "../../interfaces/IPriceGuard.sol";
import {IProviderRegistry} from "../../interfaces/IProviderRegistry.sol";
import {IFiatToken, UsdcDeployer} from "./Usdc.sol";

abstract contract EscrowTest is TestTools, UsdcDeployer {
    bytes32 internal constant PROVIDER = keccak256("necto:seller");
    bytes32 internal constant AKASH = keccak256("akash");
    bytes32 internal constant NOSANA = keccak256("nosana");
    bytes32 internal constant AKT = keccak256("AKT");
    bytes32 internal constant NOS = keccak256("NOS");
    bytes32 internal constant USDC = keccak256("USDC");
    bytes32 internal constant RECEIVE_TYPEHASH = keccak256(
        "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    uint256 internal constant T0 = 1_700_000_000;
    /// 2 USD per hour for one hour.
    uint96 internal constant DEPOSIT = 2_000_000;

    address internal admin = makeAddr("admin");
    address internal agent = makeAddr("agent");
    address internal pauser = makeAddr("pauser");
    address internal lister = makeAddr("lister");
    address internal refundTo = makeAddr("refundTo");
    address internal payout = makeAddr("payout");
    address internal feeRecipient = makeAddr("feeRecipient");
    address internal stranger = makeAddr("stranger");
    address internal quoter;
    uint256 internal quoterKey;
    address internal payer;
    uint256 internal payerKey;

    IFiatToken internal usdc;
    MockV3Aggregator internal usdcFeed;
    MockV3Aggregator internal aktFeed;
    ProviderRegistry internal registry;
    PriceGuard internal guard;
    ComputeRouter internal router;

    function setUp() public virtual {
        vm.warp(T0);
        (quoter, quoterKey) = makeAddrAndKey("quoter");
        (payer, payerKey) = makeAddrAndKey("payer");
        usdc = deployUsdc("USD Coin");
        usdcFeed = new MockV3Aggregator(8, 1e8);
        aktFeed = new MockV3Aggregator(8, 1.23e8);
        registry = new ProviderRegistry(admin, 1 days, 2 days, _list(lister));
        guard = new PriceGuard(admin, 1 days, 2 days, address(0), 0, _feeds());
        router = _deployRouter(IERC20(address(usdc)));

        vm.startPrank(lister);
        registry.add(PROVIDER, payout, IProviderRegistry.Kind.Direct, bytes32(0));
        registry.add(AKASH, payout, IProviderRegistry.Kind.Broker, AKT);
        registry.add(NOSANA, payout, IProviderRegistry.Kind.Broker, NOS);
        vm.stopPrank();
        usdc.mint(payer, 1_000_000e6);
        vm.prank(payer);
        usdc.approve(address(router), type(uint256).max);
    }

    function _deployRouter(IERC20 token) internal returns (ComputeRouter) {
        IComputeRouter.InitialRoles memory roles =
            IComputeRouter.InitialRoles({agents: _list(agent), quoters: _list(quoter), pausers: _list(pauser)});
        return new ComputeRouter(admin, 1 days, token, registry, guard, feeRecipient, roles);
    }

    function _feeds() internal view returns (IPriceGuard.InitialFeed[] memory feeds) {
        feeds = new IPriceGuard.InitialFeed[](2);
        feeds[0] = IPriceGuard.InitialFeed(USDC, _feed(address(usdcFeed), 0.98e8, 1.02e8));
        feeds[1] = IPriceGuard.InitialFeed(AKT, _feed(address(aktFeed), 0.01e8, 100e8));
    }

    /// A day's heartbeat and 3 % deviation.
    function _feed(address source, uint128 min, uint128 max) internal pure returns (IPriceGuard.FeedConfig memory) {
        return IPriceGuard.FeedConfig(source, 86_400, 300, min, max);
    }

    /// Sound terms: 2 USD/h for an hour, 2.5 % fee, untracked, startable for 45 minutes.
    function _terms() internal view returns (IComputeRouter.Terms memory terms) {
        terms.refundTo = refundTo;
        terms.provider = PROVIDER;
        terms.gpuCount = 2;
        terms.pricePerHour = 2_000_000;
        terms.maxSeconds = 3600;
        terms.feeBps = 250;
        terms.fundBy = uint64(block.timestamp + 900);
        terms.startBy = uint64(block.timestamp + 2700);
        terms.decisionRoot = keccak256("root");
        terms.decisionHash = keccak256("hash");
        terms.decisionLength = 4096;
        terms.ref = "K7QF-3M2P";
        terms.salt = keccak256("salt");
    }

    function _sign(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function _quote(IComputeRouter.Terms memory terms) internal view returns (bytes memory) {
        return _sign(quoterKey, router.termsHash(terms));
    }

    /// The payer's EIP-3009 signature for these terms, valid for an hour.
    function _authorize(IComputeRouter.Terms memory terms) internal view returns (bytes memory) {
        uint256 value = router.depositFor(terms.pricePerHour, terms.maxSeconds);
        bytes32 message = keccak256(
            abi.encode(RECEIVE_TYPEHASH, payer, router, value, 0, block.timestamp + 3600, router.termsHash(terms))
        );
        return _sign(payerKey, keccak256(abi.encodePacked("\x19\x01", usdc.DOMAIN_SEPARATOR(), message)));
    }

    function _fund(IComputeRouter.Terms memory terms) internal returns (bytes32 id) {
        bytes memory quote = _quote(terms);
        vm.prank(payer);
        return router.fund(terms, quote);
    }

    function _fundBySignature(IComputeRouter.Terms memory terms) internal returns (bytes32) {
        (bytes memory quote, bytes memory signature) = (_quote(terms), _authorize(terms));
        vm.prank(stranger);
        return router.fundWithAuthorization(terms, quote, payer, 0, block.timestamp + 3600, signature);
    }

    function _start(IComputeRouter.Terms memory terms) internal returns (bytes32 id) {
        id = _fund(terms);
        vm.prank(agent);
        router.start(id);
    }

    /// A job in the wanted state; for None an id that nobody funded.
    function _jobIn(IComputeRouter.Status status) internal returns (bytes32 id) {
        if (status == IComputeRouter.Status.None) return keccak256("nobody");
        id = _fund(_terms());
        if (status == IComputeRouter.Status.Funded) return id;
        vm.startPrank(agent);
        if (status == IComputeRouter.Status.Refunded) router.cancel(id);
        else router.start(id);
        if (status == IComputeRouter.Status.Settled) router.complete(id, 0, bytes32(0));
        vm.stopPrank();
        if (status == IComputeRouter.Status.Expired) {
            vm.warp(router.reclaimableAfter(id) + 1);
            router.reclaim(id);
        }
    }

    function _openCount() internal view returns (uint256) {
        return router.openJobs(0, type(uint256).max).length;
    }

    function _status(bytes32 id) internal view returns (IComputeRouter.Status) {
        return router.getJob(id).status;
    }

    function _assertStatus(bytes32 id, IComputeRouter.Status status) internal view {
        assertEq(uint8(_status(id)), uint8(status), "status");
    }

    /// I1 with equality: nothing was donated.
    function _assertSolvent() internal view {
        assertEq(usdc.balanceOf(address(router)), router.totalLocked() + router.totalCredits(), "I1");
    }

    function _list(address one) internal pure returns (address[] memory list) {
        list = new address[](1);
        list[0] = one;
    }

    function _wrongStatus(bytes32 id, IComputeRouter.Status status) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IComputeRouter.WrongStatus.selector, id, status);
    }

    function _missingRole(address account, bytes32 role) internal pure returns (bytes memory) {
        return abi.encodeWithSignature("AccessControlUnauthorizedAccount(address,bytes32)", account, role);
    }
}

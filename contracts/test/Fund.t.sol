// SPDX-License-Identifier: MIT
// fund and fundWithAuthorization: what is taken, what is kept, what is refused.
pragma solidity ^0.8.28;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

import {IComputeRouter} from "../interfaces/IComputeRouter.sol";
import {IPriceGuard} from "../interfaces/IPriceGuard.sol";
import {IProviderRegistry} from "../interfaces/IProviderRegistry.sol";
import {EscrowTest} from "./support/EscrowTest.sol";

/// A contract that signs with its owner's key, as a multisig or smart wallet does.
contract ContractSigner is IERC1271 {
    address private immutable _owner;

    constructor(address owner) {
        _owner = owner;
    }

    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        return ECDSA.recoverCalldata(hash, signature) == _owner ? IERC1271.isValidSignature.selector : bytes4(0);
    }
}

contract FundTest is EscrowTest {
    function test_ApprovePathTakesTheDepositAndKeepsTheRecord() public {
        IComputeRouter.Terms memory terms = _terms();
        (terms.tracked, terms.memberTag, terms.minSeconds) = (true, keccak256("member"), 60);
        bytes32 id = router.termsHash(terms);
        bytes memory quote = _quote(terms);
        vm.expectEmit(address(router));
        emit IComputeRouter.JobFunded(id, terms.ref, payer, payout, DEPOSIT, true, terms);
        vm.prank(payer);
        assertEq(router.fund(terms, quote), id);

        IComputeRouter.Job memory job = router.getJob(id);
        assertEq(job.refundTo, refundTo);
        assertEq(job.deposit, DEPOSIT);
        assertEq(job.payout, payout);
        assertEq(job.paid, 0);
        assertEq(job.provider, PROVIDER);
        assertEq(job.decisionRoot, terms.decisionRoot);
        assertEq(job.memberTag, terms.memberTag);
        assertEq(job.pricePerHour, terms.pricePerHour);
        assertEq(job.maxSeconds, 3600);
        assertEq(job.minSeconds, 60);
        assertEq(job.usedSeconds, 0);
        assertEq(job.startedAt, 0);
        assertEq(job.feeBps, 250);
        assertEq(job.gpuCount, 2);
        assertTrue(job.tracked);
        assertTrue(job.priceVerified);
        assertEq(job.startBy, terms.startBy);
        assertEq(job.stopRequestedAt, 0);
        _assertStatus(id, IComputeRouter.Status.Funded);
        assertEq(usdc.balanceOf(address(router)), DEPOSIT);
        assertEq(router.totalLocked(), DEPOSIT);
        assertEq(router.openJobs(0, 10)[0], id);
    }

    function test_OneSignatureRelayedByAnyonePays() public {
        uint256 before = usdc.balanceOf(payer);
        bytes32 id = _fundBySignature(_terms());
        assertEq(before - usdc.balanceOf(payer), DEPOSIT);
        assertTrue(usdc.authorizationState(payer, id), "nonce is the id");
        _assertStatus(id, IComputeRouter.Status.Funded);
        _assertSolvent();
    }

    function test_ContractWalletPaysBySignature() public {
        ContractSigner wallet = new ContractSigner(payer);
        usdc.mint(address(wallet), DEPOSIT);
        IComputeRouter.Terms memory terms = _terms();
        bytes32 message = keccak256(
            abi.encode(
                RECEIVE_TYPEHASH, wallet, router, DEPOSIT, 0, block.timestamp + 3600, router.termsHash(terms)
            )
        );
        bytes memory signature =
            _sign(payerKey, keccak256(abi.encodePacked("\x19\x01", usdc.DOMAIN_SEPARATOR(), message)));
        bytes memory quote = _quote(terms);
        bytes32 id =
            router.fundWithAuthorization(terms, quote, address(wallet), 0, block.timestamp + 3600, signature);
        _assertStatus(id, IComputeRouter.Status.Funded);
    }

    function test_ContractQuoterSignsWithItsAddressInFront() public {
        (address owner, uint256 ownerKey) = makeAddrAndKey("owner of the quoter");
        ContractSigner signer = new ContractSigner(owner);
        IComputeRouter.Terms memory terms = _terms();
        bytes memory quote = abi.encodePacked(signer, _sign(ownerKey, router.termsHash(terms)));
        _refused(terms, quote, _quoteNotSigned(terms));

        bytes32 role = router.QUOTER_ROLE();
        vm.prank(admin);
        router.grantRole(role, address(signer));
        bytes memory forged = abi.encodePacked(signer, _sign(payerKey, router.termsHash(terms)));
        _refused(terms, forged, _quoteNotSigned(terms));
        vm.prank(payer);
        router.fund(terms, quote);
    }

    function test_QuoteMustBeAQuotersOverTheseTerms() public {
        IComputeRouter.Terms memory terms = _terms();
        bytes32 id = router.termsHash(terms);
        _refused(terms, _sign(payerKey, id), _quoteNotSigned(terms));
        _refused(terms, "", _quoteNotSigned(terms));
        _refused(terms, new bytes(65), _quoteNotSigned(terms));
        _refused(terms, abi.encodePacked(quoter), _quoteNotSigned(terms));
        // A quoter without code is no contract signer, whatever follows its address.
        _refused(terms, abi.encodePacked(quoter, _sign(quoterKey, id)), _quoteNotSigned(terms));

        bytes memory quote = _quote(terms);
        bytes32 role = router.QUOTER_ROLE();
        vm.prank(admin);
        router.revokeRole(role, quoter);
        _refused(terms, quote, _quoteNotSigned(terms));
    }

    function test_TermsAreFundedOnceWhateverBecameOfThem() public {
        IComputeRouter.Terms memory terms = _terms();
        bytes memory quote = _quote(terms);
        uint256 before = vm.snapshotState();
        for (uint8 status = 1; status <= uint8(type(IComputeRouter.Status).max); status++) {
            bytes32 id = _jobIn(IComputeRouter.Status(status));
            vm.warp(T0);
            _refused(terms, quote, abi.encodeWithSelector(IComputeRouter.JobExists.selector, id, status));
            vm.revertToState(before);
        }
    }

    /// More micro-dollars than the books can count are more than there are.
    function test_DepositBeyondAllDollarsIsRefused() public {
        IComputeRouter.Terms memory terms = _terms();
        (terms.pricePerHour, terms.maxSeconds) = (type(uint64).max, 365 days);
        uint256 deposit = router.depositFor(terms.pricePerHour, terms.maxSeconds);
        _refusedQuoted(terms, abi.encodeWithSignature("SafeCastOverflowedUintDowncast(uint8,uint256)", 64, deposit));
    }

    function test_LongestJobAndWholeMinimumAreTaken() public {
        IComputeRouter.Terms memory terms = _terms();
        (terms.maxSeconds, terms.minSeconds) = (365 days, 365 days);
        _assertStatus(_fund(terms), IComputeRouter.Status.Funded);
    }

    function test_AuthorizationIsForTheseTermsOnly() public {
        IComputeRouter.Terms memory terms = _terms();
        bytes memory signature = _authorize(terms);
        terms.salt = keccak256("another job of equal price");
        bytes memory quote = _quote(terms);
        vm.expectRevert("FiatTokenV2: invalid signature");
        router.fundWithAuthorization(terms, quote, payer, 0, block.timestamp + 3600, signature);
    }

    function test_AuthorizationWindowIsTheTokens() public {
        IComputeRouter.Terms memory terms = _terms();
        (bytes memory quote, bytes memory signature) = (_quote(terms), _authorize(terms));
        uint256 validBefore = block.timestamp + 3600;
        vm.expectRevert("FiatTokenV2: invalid signature");
        router.fundWithAuthorization(terms, quote, payer, 0, validBefore + 1, signature);
    }

    function test_FundByIsTheLastSecond() public {
        IComputeRouter.Terms memory terms = _terms();
        bytes memory quote = _quote(terms);
        vm.warp(terms.fundBy + 1);
        _refused(
            terms,
            quote,
            abi.encodeWithSelector(IComputeRouter.QuoteExpired.selector, terms.fundBy, terms.fundBy + 1)
        );
        vm.warp(terms.fundBy);
        _fund(terms);
    }

    function test_StartWindowHasItsLimits() public {
        IComputeRouter.Terms memory terms = _terms();
        terms.startBy = terms.fundBy - 1;
        _refusedQuoted(terms, _startWindow(terms));
        terms.startBy = uint64(block.timestamp + 30 days + 1);
        _refusedQuoted(terms, _startWindow(terms));
        terms.startBy = type(uint64).max;
        _refusedQuoted(terms, _startWindow(terms));
        terms.startBy = uint64(block.timestamp + 30 days);
        _fund(terms);
        terms.startBy = terms.fundBy;
        _fund(terms);
    }

    function test_SenselessTermsAreRefused() public {
        IComputeRouter.Terms memory terms = _terms();
        terms.refundTo = address(0);
        _refusedQuoted(terms, _invalid("refundTo"));
        terms.refundTo = address(router);
        _refusedQuoted(terms, _invalid("refundTo"));
        terms = _terms();
        terms.gpuCount = 0;
        _refusedQuoted(terms, _invalid("gpuCount"));
        terms = _terms();
        terms.pricePerHour = 0;
        _refusedQuoted(terms, _invalid("pricePerHour"));
        terms = _terms();
        terms.maxSeconds = 0;
        _refusedQuoted(terms, _invalid("maxSeconds"));
        terms.maxSeconds = 365 days + 1;
        _refusedQuoted(terms, _invalid("maxSeconds"));
        terms = _terms();
        terms.minSeconds = 3601;
        _refusedQuoted(terms, _invalid("minSeconds"));
        terms = _terms();
        terms.decisionRoot = 0;
        _refusedQuoted(terms, _invalid("decisionRoot"));
        terms = _terms();
        terms.decisionHash = 0;
        _refusedQuoted(terms, _invalid("decisionHash"));
        terms = _terms();
        terms.decisionLength = 0;
        _refusedQuoted(terms, _invalid("decisionLength"));
        terms = _terms();
        terms.ref = 0;
        _refusedQuoted(terms, _invalid("ref"));
        terms = _terms();
        terms.feeBps = 1001;
        _refusedQuoted(terms, abi.encodeWithSelector(IComputeRouter.FeeTooHigh.selector, 1001, 1000));
        terms.feeBps = 1000;
        _fund(terms);
    }

    function test_MemberTagIsSetExactlyWhenTracked() public {
        IComputeRouter.Terms memory terms = _terms();
        terms.memberTag = keccak256("member");
        _refusedQuoted(
            terms, abi.encodeWithSelector(IComputeRouter.MemberTagMismatch.selector, false, terms.memberTag)
        );
        (terms.tracked, terms.memberTag) = (true, 0);
        _refusedQuoted(terms, abi.encodeWithSelector(IComputeRouter.MemberTagMismatch.selector, true, bytes32(0)));
    }

    function test_ProviderMustBeLive() public {
        IComputeRouter.Terms memory terms = _terms();
        terms.provider = keccak256("unknown");
        _refusedQuoted(
            terms, abi.encodeWithSelector(IComputeRouter.ProviderNotLive.selector, terms.provider)
        );
        vm.prank(lister);
        registry.setLive(PROVIDER, false);
        _refusedQuoted(_terms(), abi.encodeWithSelector(IComputeRouter.ProviderNotLive.selector, PROVIDER));
        vm.prank(lister);
        registry.setLive(PROVIDER, true);
        _fund(_terms());
    }

    function test_ProviderPaidToTheRouterItselfIsRefused() public {
        bytes32 id = keccak256("loop");
        vm.prank(lister);
        registry.add(id, address(router), IProviderRegistry.Kind.Direct, bytes32(0));
        IComputeRouter.Terms memory terms = _terms();
        terms.provider = id;
        _refusedQuoted(terms, abi.encodeWithSelector(IComputeRouter.InvalidAddress.selector, address(router)));
    }

    function test_PriceAssetIsTheRegistrys() public {
        IComputeRouter.Terms memory terms = _terms();
        terms.provider = AKASH;
        _refusedQuoted(
            terms, abi.encodeWithSelector(IComputeRouter.PriceAssetMismatch.selector, AKASH, AKT, bytes32(0))
        );
        (terms.provider, terms.priceAsset, terms.tokenPrice) = (PROVIDER, AKT, 1.23e8);
        _refusedQuoted(
            terms, abi.encodeWithSelector(IComputeRouter.PriceAssetMismatch.selector, PROVIDER, bytes32(0), AKT)
        );
    }

    function test_TokenQuoteWithAFeedIsVerifiedWithoutOneIsNot() public {
        IComputeRouter.Terms memory terms = _terms();
        (terms.provider, terms.priceAsset, terms.tokenPrice) = (AKASH, AKT, 1.25e8);
        assertTrue(router.getJob(_fund(terms)).priceVerified);
        (terms.provider, terms.priceAsset, terms.tokenPrice) = (NOSANA, NOS, 0.5e8);
        assertFalse(router.getJob(_fund(terms)).priceVerified);
    }

    function test_DepeggedUsdcStopsFunding() public {
        usdcFeed.updateAnswer(0.97e8);
        _refusedQuoted(
            _terms(), abi.encodeWithSelector(IPriceGuard.PriceOutOfBounds.selector, USDC, 0.97e8, 0.98e8, 1.02e8)
        );
    }

    function test_PauseStopsBothPaths() public {
        IComputeRouter.Terms memory terms = _terms();
        (bytes memory quote, bytes memory signature) = (_quote(terms), _authorize(terms));
        vm.prank(pauser);
        router.pause();
        _refused(terms, quote, abi.encodeWithSignature("EnforcedPause()"));
        vm.expectRevert(abi.encodeWithSignature("EnforcedPause()"));
        router.fundWithAuthorization(terms, quote, payer, 0, block.timestamp + 3600, signature);
        vm.prank(admin);
        router.unpause();
        _fund(terms);
    }

    function test_WithoutMoneyThereIsNoJob() public {
        IComputeRouter.Terms memory terms = _terms();
        bytes memory quote = _quote(terms);
        bytes32 id = router.termsHash(terms);
        vm.prank(stranger);
        vm.expectRevert("ERC20: transfer amount exceeds allowance");
        router.fund(terms, quote);
        _assertStatus(id, IComputeRouter.Status.None);
        assertEq(_openCount(), 0);
    }

    function test_PayoutOfAFundedJobStaysWhatItWas() public {
        bytes32 id = _start(_terms());
        vm.prank(lister);
        registry.proposeChange(PROVIDER, stranger, IProviderRegistry.Kind.Direct, bytes32(0));
        vm.warp(block.timestamp + 2 days);
        registry.applyChange(PROVIDER);
        vm.prank(agent);
        router.complete(id, 3600, bytes32(0));
        assertEq(usdc.balanceOf(payout), 1_950_000);
        assertEq(usdc.balanceOf(stranger), 0);
    }

    function _startWindow(IComputeRouter.Terms memory terms) private view returns (bytes memory) {
        return abi.encodeWithSelector(
            IComputeRouter.StartWindowInvalid.selector, terms.fundBy, terms.startBy, block.timestamp + 30 days
        );
    }

    function _invalid(string memory field) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IComputeRouter.InvalidTerm.selector, field);
    }

    function _quoteNotSigned(IComputeRouter.Terms memory terms) private view returns (bytes memory) {
        return abi.encodeWithSelector(IComputeRouter.QuoteNotSigned.selector, router.termsHash(terms));
    }

    function _refusedQuoted(IComputeRouter.Terms memory terms, bytes memory reason) private {
        _refused(terms, _quote(terms), reason);
    }

    function _refused(IComputeRouter.Terms memory terms, bytes memory quote, bytes memory reason) private {
        vm.prank(payer);
        vm.expectRevert(reason);
        router.fund(terms, quote);
    }
}

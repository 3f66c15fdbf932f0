// SPDX-License-Identifier: MIT
// The escrow: holds USDC per job, pays the provider for seconds used, gives the rest back.
pragma solidity ^0.8.28;

import {
    AccessControlDefaultAdminRules
} from "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

import {JobBook} from "./JobBook.sol";
import {IComputeRouter} from "./interfaces/IComputeRouter.sol";
import {IEip3009} from "./interfaces/IEip3009.sol";
import {IPriceGuard} from "./interfaces/IPriceGuard.sol";
import {IProviderRegistry} from "./interfaces/IProviderRegistry.sol";
import {Metering} from "./libraries/Metering.sol";
import {TermsRules} from "./libraries/TermsRules.sol";

/// @title Escrow of compute jobs, see IComputeRouter for what each verb promises and JobBook for what is stored.
contract ComputeRouter is AccessControlDefaultAdminRules, ReentrancyGuardTransient, EIP712, JobBook {
    using SafeERC20 for IERC20;

    /// @dev What one metering pays out, and the total with it.
    struct Release {
        uint256 toProvider;
        uint256 fee;
        uint256 paid;
    }

    // State

    /// May start, checkpoint, complete and cancel.
    bytes32 public constant AGENT_ROLE = keccak256("AGENT_ROLE");
    /// Signs the terms that may be funded.
    bytes32 public constant QUOTER_ROLE = keccak256("QUOTER_ROLE");
    /// May pause, not unpause.
    bytes32 public constant PAUSER_ROLE = keccak256("PAUSER_ROLE");

    /// @dev What a wallet signs; a test compares it with the struct.
    bytes32 public constant TERMS_TYPEHASH = TermsRules.TYPEHASH;
    /// No terms can give away more than a tenth as fee.
    uint256 public constant MAX_FEE_BPS = TermsRules.MAX_FEE_BPS;
    /// Longest a deposit can wait for its start, from funding on.
    uint256 public constant MAX_START_WINDOW = TermsRules.MAX_START_WINDOW;
    /// Longest job.
    uint256 public constant MAX_JOB_SECONDS = TermsRules.MAX_JOB_SECONDS;
    /// Most completions in one batch, so that it always fits into a block.
    uint256 public constant MAX_BATCH = 100;

    /// @inheritdoc IComputeRouter
    IPriceGuard public immutable override priceGuard;

    // Constructor

    /// @param admin Grants roles, unpauses, rescues stray tokens; handing it over takes `adminDelay` seconds.
    /// @param roles Granted here, so that whoever deploys never needs to be admin.
    constructor(
        address admin,
        uint48 adminDelay,
        IERC20 usdc_,
        IProviderRegistry registry_,
        IPriceGuard priceGuard_,
        address feeRecipient_,
        InitialRoles memory roles
    ) AccessControlDefaultAdminRules(adminDelay, admin) EIP712("ComputeRouter", "1") JobBook(usdc_, registry_, feeRecipient_) {
        if (address(registry_).code.length == 0) revert InvalidAddress(address(registry_));
        if (address(priceGuard_).code.length == 0) revert InvalidAddress(address(priceGuard_));
        uint8 decimals = IERC20Metadata(address(usdc_)).decimals();
        if (decimals != 6) revert NotSixDecimals(address(usdc_), decimals);
        priceGuard = priceGuard_;
        _grantAll(AGENT_ROLE, roles.agents);
        _grantAll(QUOTER_ROLE, roles.quoters);
        _grantAll(PAUSER_ROLE, roles.pausers);
    }

    // Reads

    /// @inheritdoc IComputeRouter
    function termsHash(Terms calldata terms) public view returns (bytes32 id) {
        return _hashTypedDataV4(TermsRules.hash(terms));
    }

    /// @inheritdoc IComputeRouter
    function depositFor(uint64 pricePerHour, uint32 maxSeconds) external pure returns (uint256) {
        return Metering.deposit(pricePerHour, maxSeconds);
    }

    /// @inheritdoc IComputeRouter
    function owedFor(uint64 pricePerHour, uint32 minSeconds, uint32 usedSeconds) external pure returns (uint256) {
        return Metering.owed(pricePerHour, minSeconds, usedSeconds);
    }

    // Funding

    /// @inheritdoc IComputeRouter
    function fund(Terms calldata terms, bytes calldata quoteSignature)
        external
        nonReentrant
        whenNotPaused
        returns (bytes32 id)
    {
        uint256 deposit;
        (id, deposit) = _openJob(terms, quoteSignature, msg.sender);
        usdc.safeTransferFrom(msg.sender, address(this), deposit);
        _requireSolvent();
    }

    /// @inheritdoc IComputeRouter
    function fundWithAuthorization(
        Terms calldata terms,
        bytes calldata quoteSignature,
        address from,
        uint256 validAfter,
        uint256 validBefore,
        bytes calldata signature
    ) external nonReentrant whenNotPaused returns (bytes32 id) {
        uint256 deposit;
        (id, deposit) = _openJob(terms, quoteSignature, from);
        IEip3009(address(usdc))
            .receiveWithAuthorization(from, address(this), deposit, validAfter, validBefore, id, signature);
        _requireSolvent();
    }

    // The agent's verbs

    /// @inheritdoc IComputeRouter
    function start(bytes32 id) external onlyRole(AGENT_ROLE) whenNotPaused {
        (Record storage job, Meter memory meter) = _inStatus(id, Status.Funded);
        if (block.timestamp > meter.startBy) revert StartTooLate(id, meter.startBy, block.timestamp);
        (job.meter.status, job.meter.startedAt) = (Status.Active, uint40(block.timestamp));
        emit JobStarted(id, uint40(block.timestamp));
    }

    /// @inheritdoc IComputeRouter
    function checkpoint(bytes32 id, uint32 usedSeconds) external onlyRole(AGENT_ROLE) nonReentrant {
        (Record storage job, Meter memory meter) = _inStatus(id, Status.Active);
        (Release memory release,) = _meter(id, job, meter, usedSeconds);
        job.meter.usedSeconds = usedSeconds;
        (_owed, _fees) = (_owed - uint64(release.toProvider), _fees + uint64(release.fee));
        IProviderRegistry.Payee memory payee = registry.getPayee(meter.payee);
        emit JobCheckpointed(id, payee.provider, usedSeconds, release.toProvider, release.fee, release.paid);
        _pay(payee.payout, release.toProvider, id);
    }

    /// @inheritdoc IComputeRouter
    function complete(bytes32 id, uint32 usedSeconds, bytes32 evidenceRoot) external onlyRole(AGENT_ROLE) nonReentrant {
        _complete(id, usedSeconds, evidenceRoot);
    }

    /// @inheritdoc IComputeRouter
    function completeMany(Completion[] calldata completions) external onlyRole(AGENT_ROLE) {
        uint256 count = completions.length;
        if (count > MAX_BATCH) revert BatchTooLarge(count, MAX_BATCH);
        for (uint256 i = 0; i < count; i++) {
            Completion calldata one = completions[i];
            try this.completeOfBatch(one.id, one.usedSeconds, one.evidenceRoot) {}
            catch (bytes memory reason) {
                emit CompleteFailed(one.id, reason);
            }
        }
    }

    /// @inheritdoc IComputeRouter
    function completeOfBatch(bytes32 id, uint32 usedSeconds, bytes32 evidenceRoot) external nonReentrant {
        if (msg.sender != address(this)) revert NotSelf(msg.sender);
        _complete(id, usedSeconds, evidenceRoot);
    }

    /// @inheritdoc IComputeRouter
    function cancel(bytes32 id) external onlyRole(AGENT_ROLE) nonReentrant {
        (Record storage job, Meter memory meter) = _inStatus(id, Status.Funded);
        _refund(id, job, meter, true);
    }

    // The payer's verbs, and anyone's

    /// @inheritdoc IComputeRouter
    function stop(bytes32 id) external {
        Record storage job = _jobs[id];
        if (!_isOpen(job.meter.status)) revert WrongStatus(id, job.meter.status);
        if (msg.sender != job.refundTo) revert NotRefundTo(id, msg.sender);
        if (job.stopRequestedAt != 0) revert StopAlreadyRequested(id, job.stopRequestedAt);
        job.stopRequestedAt = uint40(block.timestamp);
        emit StopRequested(id, msg.sender);
    }

    /// @inheritdoc IComputeRouter
    function reclaim(bytes32 id) external nonReentrant {
        uint256 after_ = reclaimableAfter(id);
        if (block.timestamp <= after_) revert NotReclaimableYet(id, after_, block.timestamp);
        Record storage job = _jobs[id];
        Meter memory meter = job.meter;
        if (meter.status == Status.Funded) {
            _refund(id, job, meter, false);
            return;
        }
        uint256 paid = Metering.owed(job.pricePerHour, meter.minSeconds, meter.usedSeconds);
        uint256 refund = Metering.deposit(job.pricePerHour, job.maxSeconds) - paid;
        _close(job, meter, Status.Expired, refund, 0);
        emit JobExpired(id, job.refundTo, refund, meter.usedSeconds, paid);
        _pay(job.refundTo, refund, id);
    }

    /// @inheritdoc IComputeRouter
    function reclaimMany(bytes32[] calldata ids) external {
        for (uint256 i = 0; i < ids.length; i++) {
            try this.reclaim(ids[i]) {}
            catch (bytes memory reason) {
                emit ReclaimFailed(ids[i], reason);
            }
        }
    }

    /// @inheritdoc IComputeRouter
    function withdraw() external {
        withdrawFor(msg.sender);
    }

    /// @inheritdoc IComputeRouter
    function withdrawFor(address account) public nonReentrant {
        uint256 amount = credits(account);
        if (amount == 0) revert NothingCredited(account);
        _totalCredits -= _credits[account];
        _credits[account] = 0;
        if (account == feeRecipient) _fees = 0;
        _owed -= uint64(amount);
        emit Withdrawn(account, amount);
        usdc.safeTransfer(account, amount);
    }

    // Administration

    /// @inheritdoc IComputeRouter
    function pause() external onlyRole(PAUSER_ROLE) {
        _pause();
    }

    /// @inheritdoc IComputeRouter
    function unpause() external onlyRole(DEFAULT_ADMIN_ROLE) {
        _unpause();
    }

    /// @inheritdoc IComputeRouter
    function setFeeRecipient(address to) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _setFeeRecipient(to);
    }

    /// @inheritdoc IComputeRouter
    function rescue(address token, address to, uint256 amount) external onlyRole(DEFAULT_ADMIN_ROLE) nonReentrant {
        if (to == address(0)) revert InvalidAddress(to);
        if (token == address(usdc)) {
            uint256 free = usdc.balanceOf(address(this)) - _owed;
            if (amount > free) revert RescueTooMuch(amount, free);
        }
        emit Rescued(token, to, amount);
        IERC20(token).safeTransfer(to, amount);
    }

    // Inside

    function _complete(bytes32 id, uint32 usedSeconds, bytes32 evidenceRoot) private {
        (Record storage job, Meter memory meter) = _inStatus(id, Status.Active);
        (Release memory release, uint256 refund) = _meter(id, job, meter, usedSeconds);
        _close(job, meter, Status.Settled, release.toProvider + refund, release.fee);
        IProviderRegistry.Payee memory payee = registry.getPayee(meter.payee);
        emit JobSettled(
            id, payee.provider, usedSeconds, release.toProvider, release.fee, release.paid, refund, evidenceRoot
        );
        _pay(payee.payout, release.toProvider, id);
        _pay(job.refundTo, refund, id);
    }

    /// @dev Checks the terms and writes the job; the caller then collects the deposit.
    function _openJob(Terms calldata terms, bytes calldata quoteSignature, address payer)
        private
        returns (bytes32 id, uint256 deposit)
    {
        id = termsHash(terms);
        Status status = _jobs[id].meter.status;
        if (status != Status.None) revert JobExists(id, status);
        TermsRules.check(terms);
        _requireQuoted(id, quoteSignature);

        IProviderRegistry.Provider memory provider = registry.getProvider(terms.provider);
        if (!provider.live) revert ProviderNotLive(terms.provider);
        // Without this a token quote could pass as USD and skip the price check.
        if (terms.priceAsset != provider.priceAsset) {
            revert PriceAssetMismatch(terms.provider, provider.priceAsset, terms.priceAsset);
        }
        if (provider.payout == address(this)) revert InvalidAddress(provider.payout);
        bool verified = priceGuard.check(terms.priceAsset, terms.tokenPrice);

        deposit = _write(id, terms, provider.payee, verified);
        emit JobFunded(id, terms.ref, payer, provider.payout, deposit, verified, terms);
    }

    function _requireQuoted(bytes32 id, bytes calldata signature) private view {
        address signer;
        bool valid;
        if (signature.length == 65) {
            ECDSA.RecoverError err;
            (signer, err,) = ECDSA.tryRecoverCalldata(id, signature);
            valid = err == ECDSA.RecoverError.NoError;
        } else if (signature.length > 20) {
            signer = address(bytes20(signature[:20]));
            valid = SignatureChecker.isValidERC1271SignatureNowCalldata(signer, id, signature[20:]);
        }
        if (!valid || !hasRole(QUOTER_ROLE, signer)) revert QuoteNotSigned(id);
    }

    /// @dev A deposit that did not arrive whole must not be paid out of another job's.
    function _requireSolvent() private view {
        (uint256 held, uint256 needed) = (usdc.balanceOf(address(this)), _owed);
        if (held < needed) revert DepositShort(needed, held);
    }

    /// @dev Moves the counter and says what that releases and what is left. Never below zero: the deposit was rounded
    /// up, this is rounded down.
    function _meter(bytes32 id, Record storage job, Meter memory meter, uint32 used)
        private
        view
        returns (Release memory release, uint256 rest)
    {
        (uint64 price, uint32 max) = (job.pricePerHour, job.maxSeconds);
        if (used < meter.usedSeconds) revert UsedDecreased(id, meter.usedSeconds, used);
        if (used > max) revert UsedAboveMax(id, used, max);
        uint256 elapsed = block.timestamp - meter.startedAt;
        if (used > elapsed) revert UsedAboveElapsed(id, used, elapsed);

        uint256 before = Metering.owed(price, meter.minSeconds, meter.usedSeconds);
        release.paid = Metering.owed(price, meter.minSeconds, used);
        release.fee = Metering.fee(release.paid, meter.feeBps) - Metering.fee(before, meter.feeBps);
        release.toProvider = release.paid - before - release.fee;
        rest = Metering.deposit(price, max) - release.paid;
        meter.usedSeconds = used;
    }

    function _refund(bytes32 id, Record storage job, Meter memory meter, bool cancelled) private {
        uint256 refund = Metering.deposit(job.pricePerHour, job.maxSeconds);
        _close(job, meter, Status.Refunded, refund, 0);
        emit JobRefunded(id, job.refundTo, refund, cancelled);
        _pay(job.refundTo, refund, id);
    }

    function _grantAll(bytes32 role, address[] memory holders) private {
        for (uint256 i = 0; i < holders.length; i++) {
            _grantRole(role, holders[i]);
        }
    }
}

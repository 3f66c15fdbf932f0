// SPDX-License-Identifier: MIT
// The escrow: holds USDC per job, pays the provider for seconds used, gives the rest back.
pragma solidity ^0.8.28;

import {
    AccessControlDefaultAdminRules
} from "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

import {IComputeRouter} from "./interfaces/IComputeRouter.sol";
import {IEip3009} from "./interfaces/IEip3009.sol";
import {IPriceGuard} from "./interfaces/IPriceGuard.sol";
import {IProviderRegistry} from "./interfaces/IProviderRegistry.sol";
import {Metering} from "./libraries/Metering.sol";

/// @title Escrow of compute jobs, see IComputeRouter for what each verb promises.
contract ComputeRouter is IComputeRouter, AccessControlDefaultAdminRules, Pausable, ReentrancyGuardTransient, EIP712 {
    using SafeERC20 for IERC20;

    // State

    /// May start, checkpoint, complete and cancel.
    bytes32 public constant AGENT_ROLE = keccak256("AGENT_ROLE");
    /// Signs the terms that may be funded.
    bytes32 public constant QUOTER_ROLE = keccak256("QUOTER_ROLE");
    /// May pause, not unpause.
    bytes32 public constant PAUSER_ROLE = keccak256("PAUSER_ROLE");

    /// @dev Field by field the struct in IComputeRouter; a test compares it with what a wallet signs.
    bytes32 public constant TERMS_TYPEHASH = keccak256(
        "Terms(address refundTo,bytes32 provider,uint16 gpuCount,uint64 pricePerHour,uint32 maxSeconds,uint32 minSeconds,uint16 feeBps,uint64 fundBy,uint64 startBy,bytes32 decisionRoot,bytes32 decisionHash,uint32 decisionLength,bytes32 memberTag,bool tracked,bytes32 priceAsset,uint128 tokenPrice,bytes32 ref,bytes32 salt)"
    );
    /// No terms can give away more than a tenth as fee.
    uint256 public constant MAX_FEE_BPS = 1000;
    /// How long the agent has to complete after the last paid second before anyone may refund.
    uint256 public constant RECLAIM_GRACE = 72 hours;
    /// Longest a deposit can wait for its start, so that a mistyped startBy cannot lock it for years.
    uint256 public constant MAX_START_WINDOW = 30 days;
    /// Longest job, for the same reason.
    uint256 public constant MAX_JOB_SECONDS = 365 days;

    /// Most completions in one batch, so that it always fits into a block.
    uint256 public constant MAX_BATCH = 100;

    /// The only token.
    IERC20 public immutable usdc;
    /// @inheritdoc IComputeRouter
    IProviderRegistry public immutable override registry;
    /// @inheritdoc IComputeRouter
    IPriceGuard public immutable override priceGuard;

    /// @inheritdoc IComputeRouter
    address public override feeRecipient;
    /// @inheritdoc IComputeRouter
    uint256 public override totalLocked;
    /// @inheritdoc IComputeRouter
    uint256 public override totalCredits;
    /// @inheritdoc IComputeRouter
    mapping(address account => uint256) public override credits;

    mapping(bytes32 id => Job) private _jobs;
    bytes32[] private _open;

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
    ) AccessControlDefaultAdminRules(adminDelay, admin) EIP712("ComputeRouter", "1") {
        if (address(registry_).code.length == 0) revert InvalidAddress(address(registry_));
        if (address(priceGuard_).code.length == 0) revert InvalidAddress(address(priceGuard_));
        uint8 decimals = IERC20Metadata(address(usdc_)).decimals();
        if (decimals != 6) revert NotSixDecimals(address(usdc_), decimals);
        (usdc, registry, priceGuard) = (usdc_, registry_, priceGuard_);
        _setFeeRecipient(feeRecipient_);
        _grantAll(AGENT_ROLE, roles.agents);
        _grantAll(QUOTER_ROLE, roles.quoters);
        _grantAll(PAUSER_ROLE, roles.pausers);
    }

    // Reads

    /// @inheritdoc IComputeRouter
    function termsHash(Terms calldata terms) public view returns (bytes32 id) {
        return _hashTypedDataV4(keccak256(abi.encode(TERMS_TYPEHASH, terms)));
    }

    /// @inheritdoc IComputeRouter
    function depositFor(uint64 pricePerHour, uint32 maxSeconds) external pure returns (uint256) {
        return Metering.deposit(pricePerHour, maxSeconds);
    }

    /// @inheritdoc IComputeRouter
    function owedFor(uint64 pricePerHour, uint32 minSeconds, uint32 usedSeconds) external pure returns (uint256) {
        return Metering.owed(pricePerHour, minSeconds, usedSeconds);
    }

    /// @inheritdoc IComputeRouter
    function owed(bytes32 id, uint32 usedSeconds) external view returns (uint256) {
        Job storage job = _jobs[id];
        if (job.status == Status.None) revert WrongStatus(id, Status.None);
        if (usedSeconds > job.maxSeconds) revert UsedAboveMax(id, usedSeconds, job.maxSeconds);
        return Metering.owed(job.pricePerHour, job.minSeconds, usedSeconds);
    }

    /// @inheritdoc IComputeRouter
    function getJob(bytes32 id) external view returns (Job memory) {
        return _jobs[id];
    }

    /// @inheritdoc IComputeRouter
    function reclaimableAfter(bytes32 id) public view returns (uint256) {
        Job storage job = _jobs[id];
        if (job.status == Status.Funded) return job.startBy;
        if (job.status == Status.Active) return uint256(job.startedAt) + job.maxSeconds + RECLAIM_GRACE;
        revert WrongStatus(id, job.status);
    }

    /// @inheritdoc IComputeRouter
    function openJobCount() external view returns (uint256) {
        return _open.length;
    }

    /// @inheritdoc IComputeRouter
    function openJobs(uint256 cursor, uint256 limit) public view returns (bytes32[] memory ids) {
        uint256 length = _open.length;
        if (cursor >= length) return ids;
        uint256 count = limit < length - cursor ? limit : length - cursor;
        ids = new bytes32[](count);
        for (uint256 i = 0; i < count; i++) {
            ids[i] = _open[cursor + i];
        }
    }

    /// @inheritdoc IComputeRouter
    function checker(uint256 cursor, uint256 limit) external view returns (bool canExec, bytes memory execPayload) {
        bytes32[] memory ids = openJobs(cursor, limit);
        uint256 due = 0;
        for (uint256 i = 0; i < ids.length; i++) {
            if (block.timestamp > reclaimableAfter(ids[i])) ids[due++] = ids[i];
        }
        if (due == 0) return (false, bytes("nothing to reclaim"));
        assembly ("memory-safe") {
            mstore(ids, due) // shortens the array to what is due
        }
        return (true, abi.encodeCall(IComputeRouter.reclaimMany, (ids)));
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
        uint256 before = usdc.balanceOf(address(this));
        usdc.safeTransferFrom(msg.sender, address(this), deposit);
        _requireReceived(before, deposit);
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
        uint256 before = usdc.balanceOf(address(this));
        IEip3009(address(usdc))
            .receiveWithAuthorization(from, address(this), deposit, validAfter, validBefore, id, signature);
        _requireReceived(before, deposit);
    }

    // The agent's verbs

    /// @inheritdoc IComputeRouter
    function start(bytes32 id) external onlyRole(AGENT_ROLE) whenNotPaused {
        Job storage job = _inStatus(id, Status.Funded);
        if (block.timestamp > job.startBy) revert StartTooLate(id, job.startBy, block.timestamp);
        (job.status, job.startedAt) = (Status.Active, uint40(block.timestamp));
        emit JobStarted(id, job.startedAt);
    }

    /// @inheritdoc IComputeRouter
    function checkpoint(bytes32 id, uint32 usedSeconds) external onlyRole(AGENT_ROLE) nonReentrant {
        Job storage job = _inStatus(id, Status.Active);
        (uint256 toProvider, uint256 fee) = _meter(id, job, usedSeconds);
        emit JobCheckpointed(id, job.provider, usedSeconds, toProvider, fee, job.paid);
        _pay(job.payout, toProvider, id);
        _pay(feeRecipient, fee, id);
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
        _refund(id, _inStatus(id, Status.Funded), true);
    }

    // The payer's verbs, and anyone's

    /// @inheritdoc IComputeRouter
    function stop(bytes32 id) external {
        Job storage job = _jobs[id];
        if (job.status != Status.Funded && job.status != Status.Active) revert WrongStatus(id, job.status);
        if (msg.sender != job.refundTo) revert NotRefundTo(id, msg.sender);
        if (job.stopRequestedAt != 0) revert StopAlreadyRequested(id, job.stopRequestedAt);
        job.stopRequestedAt = uint40(block.timestamp);
        emit StopRequested(id, msg.sender);
    }

    /// @inheritdoc IComputeRouter
    function reclaim(bytes32 id) external nonReentrant {
        uint256 after_ = reclaimableAfter(id);
        if (block.timestamp <= after_) revert NotReclaimableYet(id, after_, block.timestamp);
        Job storage job = _jobs[id];
        if (job.status == Status.Funded) {
            _refund(id, job, false);
            return;
        }
        uint256 refund = _close(id, job, Status.Expired);
        emit JobExpired(id, job.refundTo, refund, job.usedSeconds, job.paid);
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
        uint256 amount = credits[account];
        if (amount == 0) revert NothingCredited(account);
        credits[account] = 0;
        totalCredits -= amount;
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
            uint256 free = usdc.balanceOf(address(this)) - totalLocked - totalCredits;
            if (amount > free) revert RescueTooMuch(amount, free);
        }
        emit Rescued(token, to, amount);
        IERC20(token).safeTransfer(to, amount);
    }

    // Inside

    function _complete(bytes32 id, uint32 usedSeconds, bytes32 evidenceRoot) private {
        Job storage job = _inStatus(id, Status.Active);
        (uint256 toProvider, uint256 fee) = _meter(id, job, usedSeconds);
        uint256 refund = _close(id, job, Status.Settled);
        emit JobSettled(id, job.provider, usedSeconds, toProvider, fee, job.paid, refund, evidenceRoot);
        _pay(job.payout, toProvider, id);
        _pay(feeRecipient, fee, id);
        _pay(job.refundTo, refund, id);
    }

    /// @dev Checks the terms and writes the job; the caller then collects the deposit.
    function _openJob(Terms calldata terms, bytes calldata quoteSignature, address payer)
        private
        returns (bytes32 id, uint256 deposit)
    {
        id = termsHash(terms);
        if (_jobs[id].status != Status.None) revert JobExists(id, _jobs[id].status);
        _requireTerms(terms);
        _requireQuoted(id, quoteSignature);

        IProviderRegistry.Provider memory provider = registry.getProvider(terms.provider);
        if (!provider.live) revert ProviderNotLive(terms.provider);
        // Without this a token quote could pass as USD and skip the price check.
        if (terms.priceAsset != provider.priceAsset) {
            revert PriceAssetMismatch(terms.provider, provider.priceAsset, terms.priceAsset);
        }
        if (provider.payout == address(this)) revert InvalidAddress(provider.payout);
        bool verified = priceGuard.check(terms.priceAsset, terms.tokenPrice);

        deposit = _write(id, terms, provider.payout, verified);
        emit JobFunded(id, terms.ref, payer, provider.payout, deposit, verified, terms);
    }

    function _write(bytes32 id, Terms calldata terms, address payout, bool verified) private returns (uint256) {
        uint96 deposit = Metering.deposit(terms.pricePerHour, terms.maxSeconds);
        Job storage job = _jobs[id];
        (job.refundTo, job.deposit, job.payout) = (terms.refundTo, deposit, payout);
        (job.provider, job.decisionRoot) = (terms.provider, terms.decisionRoot);
        if (terms.tracked) (job.tracked, job.memberTag) = (true, terms.memberTag);
        (job.pricePerHour, job.maxSeconds, job.minSeconds) = (terms.pricePerHour, terms.maxSeconds, terms.minSeconds);
        (job.feeBps, job.gpuCount) = (terms.feeBps, terms.gpuCount);
        (job.status, job.priceVerified) = (Status.Funded, verified);
        // MAX_START_WINDOW keeps startBy far below 2^40.
        (job.startBy, job.listIndex) = (uint40(terms.startBy), uint32(_open.length));
        _open.push(id);
        totalLocked += deposit;
        return deposit;
    }

    function _requireTerms(Terms calldata terms) private view {
        if (terms.refundTo == address(0) || terms.refundTo == address(this)) revert InvalidTerm("refundTo");
        if (terms.gpuCount == 0) revert InvalidTerm("gpuCount");
        if (terms.pricePerHour == 0) revert InvalidTerm("pricePerHour");
        if (terms.maxSeconds == 0 || terms.maxSeconds > MAX_JOB_SECONDS) revert InvalidTerm("maxSeconds");
        if (terms.minSeconds > terms.maxSeconds) revert InvalidTerm("minSeconds");
        if (terms.decisionRoot == bytes32(0)) revert InvalidTerm("decisionRoot");
        if (terms.decisionHash == bytes32(0)) revert InvalidTerm("decisionHash");
        if (terms.decisionLength == 0) revert InvalidTerm("decisionLength");
        if (terms.ref == bytes32(0)) revert InvalidTerm("ref");
        if (terms.feeBps > MAX_FEE_BPS) revert FeeTooHigh(terms.feeBps, MAX_FEE_BPS);
        if (terms.tracked != (terms.memberTag != bytes32(0))) revert MemberTagMismatch(terms.tracked, terms.memberTag);
        if (block.timestamp > terms.fundBy) revert QuoteExpired(terms.fundBy, block.timestamp);
        uint256 latest = block.timestamp + MAX_START_WINDOW;
        if (terms.startBy < terms.fundBy || terms.startBy > latest) {
            revert StartWindowInvalid(terms.fundBy, terms.startBy, latest);
        }
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

    function _requireReceived(uint256 before, uint256 deposit) private view {
        uint256 received = usdc.balanceOf(address(this)) - before;
        if (received != deposit) revert DepositShort(deposit, received);
    }

    function _inStatus(bytes32 id, Status wanted) private view returns (Job storage job) {
        job = _jobs[id];
        if (job.status != wanted) revert WrongStatus(id, job.status);
    }

    /// @dev Moves the counter and books what it releases. Never above the deposit: that was rounded up, this is down.
    function _meter(bytes32 id, Job storage job, uint32 used) private returns (uint256 toProvider, uint256 fee) {
        if (used < job.usedSeconds) revert UsedDecreased(id, job.usedSeconds, used);
        if (used > job.maxSeconds) revert UsedAboveMax(id, used, job.maxSeconds);
        uint256 elapsed = block.timestamp - job.startedAt;
        if (used > elapsed) revert UsedAboveElapsed(id, used, elapsed);

        uint96 before = job.paid;
        uint96 total = Metering.owed(job.pricePerHour, job.minSeconds, used);
        fee = Metering.fee(total, job.feeBps) - Metering.fee(before, job.feeBps);
        toProvider = total - before - fee;
        (job.paid, job.usedSeconds) = (total, used);
        totalLocked -= total - before;
    }

    /// @dev Ends a job and says what is left of its deposit.
    function _close(bytes32 id, Job storage job, Status last) private returns (uint256 refund) {
        job.status = last;
        refund = job.deposit - job.paid;
        totalLocked -= refund;
        bytes32 moved = _open[_open.length - 1];
        if (moved != id) {
            _open[job.listIndex] = moved;
            _jobs[moved].listIndex = job.listIndex;
        }
        _open.pop();
    }

    function _refund(bytes32 id, Job storage job, bool cancelled) private {
        uint256 refund = _close(id, job, Status.Refunded);
        emit JobRefunded(id, job.refundTo, refund, cancelled);
        _pay(job.refundTo, refund, id);
    }

    /// @dev Pushes; what the token refuses (blacklist, pause) becomes a credit, so one account never blocks another.
    function _pay(address to, uint256 amount, bytes32 id) private {
        if (amount == 0 || usdc.trySafeTransfer(to, amount)) return;
        credits[to] += amount;
        totalCredits += amount;
        emit Credited(to, id, amount);
    }

    function _grantAll(bytes32 role, address[] memory holders) private {
        for (uint256 i = 0; i < holders.length; i++) {
            _grantRole(role, holders[i]);
        }
    }

    function _setFeeRecipient(address to) private {
        if (to == address(0) || to == address(this)) revert InvalidAddress(to);
        emit FeeRecipientChanged(feeRecipient, to);
        feeRecipient = to;
    }
}

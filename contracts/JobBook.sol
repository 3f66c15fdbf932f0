// SPDX-License-Identifier: MIT
// The escrow's books: the record of each job, the places of the open ones, and what the router owes to whom.
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IComputeRouter} from "./interfaces/IComputeRouter.sol";
import {IProviderRegistry} from "./interfaces/IProviderRegistry.sol";
import {Metering} from "./libraries/Metering.sol";

/// @title What ComputeRouter stores and how it is read; its verbs are in ComputeRouter itself.
/// @dev Pausable is a base here so that its flag shares a slot with the books.
abstract contract JobBook is IComputeRouter, Pausable {
    using SafeERC20 for IERC20;

    /// @dev What changes in a job's life and what is read with it: one slot, so that each verb writes it once.
    struct Meter {
        uint32 usedSeconds;
        uint32 minSeconds;
        uint40 startedAt;
        uint40 startBy;
        /// Whom the registry pays; its table only grows, so that nobody can change it for this job.
        uint32 payee;
        /// Where `_places` has this job while it is open; afterwards the place that was free before its own.
        uint32 place;
        uint16 feeBps;
        uint16 gpuCount;
        Status status;
        bool priceVerified;
    }

    /// @dev A job in three slots, a fourth when tracked. Deposit and paid follow from price and seconds, see Metering.
    struct Record {
        address refundTo;
        uint64 pricePerHour;
        uint32 maxSeconds;
        Meter meter;
        bytes32 decisionRoot;
        bytes32 memberTag;
        uint40 stopRequestedAt;
    }

    /// How long the agent has to complete after the last paid second before anyone may refund.
    uint256 public constant RECLAIM_GRACE = 72 hours;

    /// The only token.
    IERC20 public immutable usdc;
    /// @inheritdoc IComputeRouter
    IProviderRegistry public immutable override registry;

    // These four share a slot with the pause, so that a verb writes one slot beside the job's own.
    /// @dev Micro-USDC that belong to open jobs, credits and fees; 2^64 of them are more dollars than there are.
    uint64 internal _owed;
    /// @dev Fees that wait for feeRecipient.
    uint64 internal _fees;
    /// @dev The place left last; zero when every place is taken.
    uint32 private _freePlace;
    /// @dev Place zero is never used, which also keeps this slot from ever being empty and dear to write.
    uint32 private _nextPlace = 1;

    /// @inheritdoc IComputeRouter
    address public override feeRecipient;
    uint256 internal _totalCredits;
    mapping(address account => uint256) internal _credits;

    mapping(bytes32 id => Record) internal _jobs;
    /// @dev Ids of open jobs for `checker`. A place is not cleared when its job ends: overwriting costs a quarter.
    mapping(uint256 place => bytes32 id) private _places;

    constructor(IERC20 usdc_, IProviderRegistry registry_, address feeRecipient_) {
        (usdc, registry) = (usdc_, registry_);
        _setFeeRecipient(feeRecipient_);
    }

    // Reads

    /// @inheritdoc IComputeRouter
    function owed(bytes32 id, uint32 usedSeconds) external view returns (uint256) {
        Record storage job = _jobs[id];
        if (job.meter.status == Status.None) revert WrongStatus(id, Status.None);
        if (usedSeconds > job.maxSeconds) revert UsedAboveMax(id, usedSeconds, job.maxSeconds);
        return Metering.owed(job.pricePerHour, job.meter.minSeconds, usedSeconds);
    }

    /// @inheritdoc IComputeRouter
    function getJob(bytes32 id) external view returns (Job memory job) {
        Record memory record = _jobs[id];
        Meter memory meter = record.meter;
        IProviderRegistry.Payee memory payee = registry.getPayee(meter.payee);
        job.refundTo = record.refundTo;
        job.deposit = Metering.deposit(record.pricePerHour, record.maxSeconds);
        job.payout = payee.payout;
        job.paid = Metering.owed(record.pricePerHour, meter.minSeconds, meter.usedSeconds);
        job.provider = payee.provider;
        (job.decisionRoot, job.memberTag) = (record.decisionRoot, record.memberTag);
        (job.pricePerHour, job.maxSeconds) = (record.pricePerHour, record.maxSeconds);
        (job.minSeconds, job.usedSeconds) = (meter.minSeconds, meter.usedSeconds);
        (job.startedAt, job.startBy, job.stopRequestedAt) = (meter.startedAt, meter.startBy, record.stopRequestedAt);
        (job.feeBps, job.gpuCount, job.status) = (meter.feeBps, meter.gpuCount, meter.status);
        (job.tracked, job.priceVerified) = (record.memberTag != bytes32(0), meter.priceVerified);
    }

    /// @inheritdoc IComputeRouter
    function totalLocked() external view returns (uint256) {
        return _owed - totalCredits();
    }

    /// @inheritdoc IComputeRouter
    function totalCredits() public view returns (uint256) {
        return _totalCredits + _fees;
    }

    /// @inheritdoc IComputeRouter
    function credits(address account) public view returns (uint256) {
        return _credits[account] + (account == feeRecipient ? _fees : 0);
    }

    /// @inheritdoc IComputeRouter
    function reclaimableAfter(bytes32 id) public view returns (uint256) {
        Record storage job = _jobs[id];
        Meter memory meter = job.meter;
        if (meter.status == Status.Funded) return meter.startBy;
        if (meter.status == Status.Active) return uint256(meter.startedAt) + job.maxSeconds + RECLAIM_GRACE;
        revert WrongStatus(id, meter.status);
    }

    /// @inheritdoc IComputeRouter
    function placeCount() public view returns (uint256) {
        return _nextPlace - 1;
    }

    /// @inheritdoc IComputeRouter
    function openJobs(uint256 cursor, uint256 limit) public view returns (bytes32[] memory ids) {
        uint256 places = placeCount();
        if (cursor >= places) return ids;
        uint256 count = limit < places - cursor ? limit : places - cursor;
        ids = new bytes32[](count);
        uint256 open = 0;
        for (uint256 i = 0; i < count; i++) {
            bytes32 id = _places[cursor + i + 1];
            if (_isOpen(_jobs[id].meter.status)) ids[open++] = id;
        }
        _shorten(ids, open);
    }

    /// @inheritdoc IComputeRouter
    function checker(uint256 cursor, uint256 limit) external view returns (bool canExec, bytes memory execPayload) {
        bytes32[] memory ids = openJobs(cursor, limit);
        uint256 due = 0;
        for (uint256 i = 0; i < ids.length; i++) {
            if (block.timestamp > reclaimableAfter(ids[i])) ids[due++] = ids[i];
        }
        if (due == 0) return (false, bytes("nothing to reclaim"));
        _shorten(ids, due);
        return (true, abi.encodeCall(IComputeRouter.reclaimMany, (ids)));
    }

    // Writes

    function _write(bytes32 id, Terms calldata terms, uint32 payee, bool verified) internal returns (uint256 deposit) {
        deposit = Metering.deposit(terms.pricePerHour, terms.maxSeconds);
        _owed = SafeCast.toUint64(_owed + deposit);
        Record storage job = _jobs[id];
        (job.refundTo, job.pricePerHour, job.maxSeconds) = (terms.refundTo, terms.pricePerHour, terms.maxSeconds);
        job.decisionRoot = terms.decisionRoot;
        if (terms.tracked) job.memberTag = terms.memberTag;
        Meter storage meter = job.meter;
        (meter.minSeconds, meter.feeBps, meter.gpuCount) = (terms.minSeconds, terms.feeBps, terms.gpuCount);
        // MAX_START_WINDOW keeps startBy far below 2^40.
        (meter.startBy, meter.payee, meter.place) = (uint40(terms.startBy), payee, _takePlace(id));
        (meter.status, meter.priceVerified) = (Status.Funded, verified);
    }

    /// @dev Left places are a stack that runs through the records of the jobs which left them.
    function _takePlace(bytes32 id) private returns (uint32 place) {
        place = _freePlace;
        if (place == 0) place = _nextPlace++;
        else _freePlace = _jobs[_places[place]].meter.place;
        _places[place] = id;
    }

    function _inStatus(bytes32 id, Status wanted) internal view returns (Record storage job, Meter memory meter) {
        job = _jobs[id];
        meter = job.meter;
        if (meter.status != wanted) revert WrongStatus(id, meter.status);
    }

    function _isOpen(Status status) internal pure returns (bool) {
        return status == Status.Funded || status == Status.Active;
    }

    /// @dev Writes a job's last state and leaves its place; `paidOut` is about to be pushed, `fee` stays.
    function _close(Record storage job, Meter memory meter, Status last, uint256 paidOut, uint256 fee) internal {
        (uint64 owed_, uint64 fees, uint32 free) = (_owed - uint64(paidOut), _fees + uint64(fee), _freePlace);
        (_owed, _fees, _freePlace) = (owed_, fees, meter.place);
        Meter storage stored = job.meter;
        (stored.usedSeconds, stored.status, stored.place) = (meter.usedSeconds, last, free);
    }

    /// @dev Pushes; what the token refuses (blacklist, pause) becomes a credit, so one account never blocks another.
    function _pay(address to, uint256 amount, bytes32 id) internal {
        if (amount == 0 || usdc.trySafeTransfer(to, amount)) return;
        _credits[to] += amount;
        _totalCredits += amount;
        _owed += uint64(amount);
        emit Credited(to, id, amount);
    }

    function _setFeeRecipient(address to) internal {
        if (to == address(0) || to == address(this)) revert InvalidAddress(to);
        address from = feeRecipient;
        // What was earned so far stays the former one's.
        _credits[from] += _fees;
        _totalCredits += _fees;
        (_fees, feeRecipient) = (0, to);
        emit FeeRecipientChanged(from, to);
    }

    function _shorten(bytes32[] memory ids, uint256 length) private pure {
        assembly ("memory-safe") {
            mstore(ids, length)
        }
    }
}

// SPDX-License-Identifier: MIT
// What ComputeRouter promises: the terms of a job, its states, and every verb that moves its money.
pragma solidity ^0.8.28;

import {IPriceGuard} from "./IPriceGuard.sol";
import {IProviderRegistry} from "./IProviderRegistry.sol";

/// @title Escrow for one batch job at a time: USDC in, provider paid for the seconds used, the rest back.
///
/// ```
/// None -fund-> Funded -start-> Active (checkpoint, repeatable) -complete-> Settled
///                |  cancel (agent) or reclaim (anyone, after startBy)                        -> Refunded
///                              Active - reclaim (anyone, 72 h after the last paid second)    -> Expired
/// ```
///
/// Amounts are micro-USDC, instants are unix seconds. A deposit is rounded up to the micro-dollar; what is released is
/// rounded down and always computed from the cumulative second counter, so that rounding never accumulates.
interface IComputeRouter {
    /// @notice Where a job stands. Settled, Refunded and Expired are final.
    enum Status {
        None,
        Funded,
        Active,
        Settled,
        Refunded,
        Expired
    }

    /// @notice What the payer agrees to. The EIP-712 digest of these fields is the job's id, see `termsHash`.
    struct Terms {
        /// Receives every refund, and may ask for a stop.
        address refundTo;
        /// Registry id of the provider.
        bytes32 provider;
        /// GPUs that the job gets, all on one node.
        uint16 gpuCount;
        /// Micro-USDC per hour for the whole job (not per GPU).
        uint64 pricePerHour;
        /// Seconds that the deposit covers.
        uint32 maxSeconds;
        /// Seconds billed at least once the job has run at all.
        uint32 minSeconds;
        /// Part of each release that is Necto's fee, in 1/10000.
        uint16 feeBps;
        /// Last second at which these terms may be funded.
        uint64 fundBy;
        /// Last second at which the job may start; after it anyone may refund.
        uint64 startBy;
        /// 0G Merkle root of the decision record.
        bytes32 decisionRoot;
        /// keccak256 of the decision record's bytes.
        bytes32 decisionHash;
        /// Length of the decision record in bytes.
        uint32 decisionLength;
        /// Salted pseudonym of the member; zero exactly when not tracked.
        bytes32 memberTag;
        /// True for a Tracked job.
        bool tracked;
        /// What the provider prices in: zero for USD, otherwise keccak256 of the token's symbol.
        bytes32 priceAsset;
        /// USD price of that token used in the quote, 8 decimals; zero for USD.
        uint128 tokenPrice;
        /// The job's short reference as shown in chat, ASCII, right-padded with zeros.
        bytes32 ref;
        /// Makes otherwise equal terms different.
        bytes32 salt;
    }

    /// @notice The record kept on chain, as `getJob` tells it; it is stored tighter. Terms that nobody needs on chain
    /// again live in the JobFunded event.
    struct Job {
        address refundTo;
        /// Micro-USDC taken at funding.
        uint96 deposit;
        /// The registry's payout address at funding; nobody can change it for this job.
        address payout;
        /// Micro-USDC released so far, fee included.
        uint96 paid;
        bytes32 provider;
        bytes32 decisionRoot;
        bytes32 memberTag;
        uint64 pricePerHour;
        uint32 maxSeconds;
        uint32 minSeconds;
        uint32 usedSeconds;
        uint40 startedAt;
        uint16 feeBps;
        uint16 gpuCount;
        Status status;
        bool tracked;
        /// False when the quote rests on a token price that no feed on this chain could confirm.
        bool priceVerified;
        uint40 startBy;
        /// When refundTo first asked for a stop; zero if it never did.
        uint40 stopRequestedAt;
    }

    /// @notice One job of a batch: what `complete` takes.
    struct Completion {
        bytes32 id;
        uint32 usedSeconds;
        bytes32 evidenceRoot;
    }

    /// @notice Who holds which role from the first block on.
    struct InitialRoles {
        address[] agents;
        address[] quoters;
        address[] pausers;
    }

    /// @notice A job was paid for. Holds the whole terms, so that an indexer needs nothing else.
    event JobFunded(
        bytes32 indexed id,
        bytes32 indexed ref,
        address indexed payer,
        address payout,
        uint256 deposit,
        bool priceVerified,
        Terms terms
    );
    /// @notice The clock of a job began.
    event JobStarted(bytes32 indexed id, uint40 startedAt);
    /// @notice A running job paid for time used. `toProvider` and `fee` are this release, `paid` is the total so far; the
    /// fee waits in the router, see `credits`.
    event JobCheckpointed(
        bytes32 indexed id,
        bytes32 indexed provider,
        uint32 usedSeconds,
        uint256 toProvider,
        uint256 fee,
        uint256 paid
    );
    /// @notice A job ended. `toProvider` and `fee` are the last release, `paid` the total, `refunded` went to refundTo.
    event JobSettled(
        bytes32 indexed id,
        bytes32 indexed provider,
        uint32 usedSeconds,
        uint256 toProvider,
        uint256 fee,
        uint256 paid,
        uint256 refunded,
        bytes32 evidenceRoot
    );
    /// @notice A job that never started was refunded whole, by the agent (`cancelled`) or because startBy passed.
    event JobRefunded(bytes32 indexed id, address indexed refundTo, uint256 refunded, bool cancelled);
    /// @notice A job that nobody completed was closed; what was not released before went back.
    event JobExpired(bytes32 indexed id, address indexed refundTo, uint256 refunded, uint32 usedSeconds, uint256 paid);
    /// @notice refundTo asked the agent to stop the job.
    event StopRequested(bytes32 indexed id, address indexed refundTo);
    /// @notice A payment could not be pushed and waits for its owner.
    event Credited(address indexed account, bytes32 indexed id, uint256 amount);
    /// @notice A waiting payment reached its owner.
    event Withdrawn(address indexed account, uint256 amount);
    /// @notice One job of a batch could not be completed and is as it was; the others were not touched by that.
    event CompleteFailed(bytes32 indexed id, bytes reason);
    /// @notice One job of a batch could not be reclaimed; the others were not touched by that.
    event ReclaimFailed(bytes32 indexed id, bytes reason);
    /// @notice Fees released from now on go to another address.
    event FeeRecipientChanged(address indexed from, address indexed to);
    /// @notice Tokens that belong to no job were moved out.
    event Rescued(address indexed token, address indexed to, uint256 amount);

    /// @notice This address cannot take that part.
    error InvalidAddress(address account);
    /// @notice The token is not USDC: amounts here are millionths.
    error NotSixDecimals(address token, uint8 decimals);
    /// @notice The named term makes no sense.
    error InvalidTerm(string field);
    /// @notice No terms may give away more than a tenth.
    error FeeTooHigh(uint256 feeBps, uint256 maxFeeBps);
    /// @notice Too late to fund these terms.
    error QuoteExpired(uint256 fundBy, uint256 nowSeconds);
    /// @notice startBy lies before fundBy or too far ahead.
    error StartWindowInvalid(uint256 fundBy, uint256 startBy, uint256 latestStartBy);
    /// @notice A tracked job has a tag and an untracked one has none.
    error MemberTagMismatch(bool tracked, bytes32 memberTag);
    /// @notice The registry does not list the provider, or has it off.
    error ProviderNotLive(bytes32 provider);
    /// @notice The provider is priced in something else.
    error PriceAssetMismatch(bytes32 provider, bytes32 required, bytes32 given);
    /// @notice No holder of QUOTER signed these very terms.
    error QuoteNotSigned(bytes32 id);
    /// @notice These terms were funded before, whatever became of them.
    error JobExists(bytes32 id, Status status);
    /// @notice The job is not in a state that allows this.
    error WrongStatus(bytes32 id, Status status);
    /// @notice The token delivered less than it was asked for: not all that is owed would be covered.
    error DepositShort(uint256 expected, uint256 received);
    /// @notice startBy has passed.
    error StartTooLate(bytes32 id, uint256 startBy, uint256 nowSeconds);
    /// @notice The counter of used seconds never falls.
    error UsedDecreased(bytes32 id, uint256 before, uint256 given);
    /// @notice No more seconds can be used than have passed since the start.
    error UsedAboveElapsed(bytes32 id, uint256 given, uint256 elapsed);
    /// @notice No more seconds can be used than were paid for.
    error UsedAboveMax(bytes32 id, uint256 given, uint256 maxSeconds);
    /// @notice Only refundTo may ask for a stop.
    error NotRefundTo(bytes32 id, address caller);
    /// @notice One request is enough.
    error StopAlreadyRequested(bytes32 id, uint256 requestedAt);
    /// @notice The agent still has time.
    error NotReclaimableYet(bytes32 id, uint256 after_, uint256 nowSeconds);
    /// @notice A batch must fit into a block.
    error BatchTooLarge(uint256 given, uint256 max);
    /// @notice Only the router itself calls this.
    error NotSelf(address caller);
    /// @notice Nothing waits for this account.
    error NothingCredited(address account);
    /// @notice Only what belongs to no job, credit or fee can leave.
    error RescueTooMuch(uint256 asked, uint256 free);

    /// @notice The job's one hash: its id, the EIP-3009 nonce of its payment, and what a QUOTER signs.
    /// @dev EIP-712 digest: keccak256(0x1901 ‖ domainSeparator ‖ keccak256(abi.encode(TERMS_TYPEHASH, terms))) with
    /// domain {name: "ComputeRouter", version: "1", chainId, verifyingContract: this router}.
    function termsHash(Terms calldata terms) external view returns (bytes32 id);

    /// @notice The deposit that terms need: pricePerHour × maxSeconds / 3600, rounded up.
    function depositFor(uint64 pricePerHour, uint32 maxSeconds) external pure returns (uint256);

    /// @notice What is owed after `usedSeconds`: pricePerHour × max(used, used > 0 ? minSeconds : 0) / 3600, rounded
    /// down.
    function owedFor(uint64 pricePerHour, uint32 minSeconds, uint32 usedSeconds) external pure returns (uint256);

    /// @notice What the given job would owe in total (fee included) after `usedSeconds`.
    function owed(bytes32 id, uint32 usedSeconds) external view returns (uint256);

    /// @notice The record of a job; status None when unknown.
    function getJob(bytes32 id) external view returns (Job memory);

    /// @notice The last second at which `reclaim` still refuses; it reverts for a job that is not open.
    function reclaimableAfter(bytes32 id) external view returns (uint256);

    /// @notice How many places the list of open jobs has: as many as there ever were open at once.
    function placeCount() external view returns (uint256);

    /// @notice The ids of the jobs that are open (Funded or Active) in the places [cursor, cursor + limit); a job keeps
    /// its place until it ends, and a later one then takes it.
    function openJobs(uint256 cursor, uint256 limit) external view returns (bytes32[] memory ids);

    /// @notice Micro-USDC that wait for `account`, see `withdrawFor`: what could not be pushed to it, and the fees if it
    /// is the fee recipient. Fees are not pushed, because that would cost each job a tenth more gas.
    function credits(address account) external view returns (uint256);

    /// @notice Micro-USDC that belong to open jobs.
    function totalLocked() external view returns (uint256);

    /// @notice Micro-USDC that wait for their owners.
    function totalCredits() external view returns (uint256);

    /// @notice Resolver in Gelato's shape: whether any open job in the places [cursor, cursor + limit) can be reclaimed, and
    /// the `reclaimMany` call that does it.
    function checker(uint256 cursor, uint256 limit) external view returns (bool canExec, bytes memory execPayload);

    /// @notice Pays for a job with an allowance: msg.sender is the payer.
    /// @param quoteSignature By a QUOTER over `termsHash`: 65 bytes of an account, or the 20-byte address of a contract
    /// followed by its ERC-1271 signature.
    function fund(Terms calldata terms, bytes calldata quoteSignature) external returns (bytes32 id);

    /// @notice Pays for a job with the payer's EIP-3009 signature whose nonce is `termsHash`; anyone may relay it.
    function fundWithAuthorization(
        Terms calldata terms,
        bytes calldata quoteSignature,
        address from,
        uint256 validAfter,
        uint256 validBefore,
        bytes calldata signature
    ) external returns (bytes32 id);

    /// @notice Begins the job's clock. AGENT, not after startBy, not while paused.
    function start(bytes32 id) external;

    /// @notice Releases what `usedSeconds` in total are worth. AGENT. Repeating a value pays nothing.
    function checkpoint(bytes32 id, uint32 usedSeconds) external;

    /// @notice Releases the last part and refunds the rest. AGENT. `evidenceRoot` is the 0G root of receipt and log.
    function complete(bytes32 id, uint32 usedSeconds, bytes32 evidenceRoot) external;

    /// @notice `complete` for at most 100 jobs; one that refuses is reported in an event and does not disturb the
    /// others. AGENT.
    function completeMany(Completion[] calldata completions) external;

    /// @notice One job of `completeMany`, called by the router itself so that its revert ends there.
    function completeOfBatch(bytes32 id, uint32 usedSeconds, bytes32 evidenceRoot) external;

    /// @notice Refunds a job that has not started. AGENT.
    function cancel(bytes32 id) external;

    /// @notice Asks the agent to end the job. refundTo only; moves no money.
    function stop(bytes32 id) external;

    /// @notice Refunds a job whose agent is gone. Anyone; needs no oracle and works while paused.
    function reclaim(bytes32 id) external;

    /// @notice `reclaim` for many; a job that refuses is reported in an event and does not disturb the others.
    function reclaimMany(bytes32[] calldata ids) external;

    /// @notice Pays out what waits for msg.sender.
    function withdraw() external;

    /// @notice Pays out what waits for `account`, to that account and to nobody else. Anyone may call.
    function withdrawFor(address account) external;

    /// @notice Stops `fund` and `start`, nothing else. PAUSER.
    function pause() external;

    /// @notice Undoes `pause`. Admin.
    function unpause() external;

    /// @notice Gives future fees to another account; those earned so far stay the former one's. Admin.
    function setFeeRecipient(address to) external;

    /// @notice Moves tokens that belong to no job: USDC only above what jobs and credits need. Admin.
    function rescue(address token, address to, uint256 amount) external;

    /// @notice Where providers are looked up at funding.
    function registry() external view returns (IProviderRegistry);

    /// @notice What checks prices at funding.
    function priceGuard() external view returns (IPriceGuard);

    /// @notice Receives the fees.
    function feeRecipient() external view returns (address);
}

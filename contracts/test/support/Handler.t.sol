// SPDX-License-Identifier: MIT
// Random actors for the invariants: every verb, time, blacklists, pauses, donations; keeps what must come true.
pragma solidity ^0.8.28;

import {ComputeRouter} from "../../ComputeRouter.sol";
import {ProviderRegistry} from "../../ProviderRegistry.sol";
import {MockV3Aggregator} from "@chainlink/contracts/src/v0.8/shared/mocks/MockV3Aggregator.sol";
import {IComputeRouter} from "../../interfaces/IComputeRouter.sol";
import {IProviderRegistry} from "../../interfaces/IProviderRegistry.sol";
import {TestTools} from "./TestTools.sol";
import {IFiatToken} from "./Usdc.sol";

/// @title Who is asked to be what by the fixture.
struct Cast {
    ComputeRouter router;
    ProviderRegistry registry;
    IFiatToken usdc;
    MockV3Aggregator feed;
    address issuer;
    address admin;
    address agent;
    address pauser;
    address lister;
    address feeRecipient;
    uint256 quoterKey;
}

contract Handler is TestTools {
    uint256 public constant PAYERS = 3;
    uint256 public constant PROVIDERS = 3;
    uint256 public constant PURSE = 1_000_000e6;
    bytes32 private constant RECEIVE_TYPEHASH = keccak256(
        "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );

    Cast private _cast;
    ComputeRouter private _router;
    IFiatToken private _usdc;

    address[] public payers;
    uint256[] private _payerKeys;
    address[] public payouts;
    bytes32[] public ids;
    /// The record of a job at the moment it became final; zero before.
    mapping(bytes32 id => bytes32) public finalRecord;
    /// Which payer a job's money came from, and which payout it was snapshotted to.
    mapping(bytes32 id => uint256) public payerOf;
    mapping(bytes32 id => uint256) public payoutOf;
    /// USDC sent to the router outside any job, less what was rescued.
    uint256 public stray;
    uint256 public rescued;
    /// Fees earned under each recipient's time before its last change, and their sum.
    mapping(address recipient => uint256) public feesBefore;
    uint256 public feesAttributed;
    /// How often each verb passed, so that a campaign that did nothing is seen.
    mapping(bytes32 verb => uint256) public passed;
    uint256 private _steps;

    constructor(Cast memory cast) {
        (_cast, _router, _usdc) = (cast, cast.router, cast.usdc);
        for (uint256 i = 0; i < PAYERS; i++) {
            (address payer, uint256 key) = makeAddrAndKey(string.concat("payer ", vm.toString(i)));
            payers.push(payer);
            _payerKeys.push(key);
            vm.prank(cast.issuer);
            _usdc.mint(payer, PURSE);
            vm.prank(payer);
            _usdc.approve(address(_router), type(uint256).max);
        }
        for (uint256 i = 0; i < PROVIDERS; i++) {
            payouts.push(makeAddr(string.concat("payout ", vm.toString(i))));
            vm.prank(cast.lister);
            cast.registry.add(bytes32(i + 1), payouts[i], IProviderRegistry.Kind.Direct, bytes32(0));
        }
    }

    function count() external view returns (uint256) {
        return ids.length;
    }

    /// One step of a history. The weights make most steps meet a job that they can move.
    function step(uint256 seed) external {
        seed = uint256(keccak256(abi.encode(seed, ++_steps)));
        uint256 dice = seed % 100;
        uint256 a = uint256(keccak256(abi.encode(seed, "a")));
        uint256 b = uint256(keccak256(abi.encode(seed, "b")));
        if (dice < 24) fund(a, b);
        else if (dice < 40) start(a);
        else if (dice < 53) checkpoint(a, uint32(b));
        else if (dice < 59) complete(a, uint32(b));
        else if (dice < 62) completeMany(a, b);
        else if (dice < 66) cancel(a);
        else if (dice < 69) stop(a);
        else if (dice < 72) reclaim(a);
        else if (dice < 75) backstop(a, b);
        else if (dice < 80) withdraw(a);
        else if (dice < 87) pass(a);
        else if (dice < 88) passLong();
        else if (dice < 92) blacklist(a);
        else if (dice < 94 || _usdc.paused()) pauseUsdc();
        else if (dice < 95 || _router.paused()) pauseRouter();
        else if (dice < 97) donate(uint64(a));
        else if (dice < 98) moveFees();
        else rescue(a);
    }

    // Verbs

    function fund(uint256 who, uint256 shape) private {
        uint256 provider = shape % PROVIDERS;
        bool signed = (shape >> 8) % 2 == 0;
        who %= PAYERS;
        IComputeRouter.Terms memory terms;
        terms.refundTo = payers[who];
        terms.provider = bytes32(provider + 1);
        terms.gpuCount = 1;
        terms.pricePerHour = uint64(_between(uint64(shape >> 16), 1, 50e6));
        terms.maxSeconds = uint32(_between(uint32(shape >> 80), 1, 100_000));
        terms.minSeconds = uint32(_between(uint32(shape >> 112), 0, terms.maxSeconds));
        terms.feeBps = uint16(_between(uint16(shape >> 144), 0, 1000));
        terms.fundBy = uint64(block.timestamp + 900);
        terms.startBy = uint64(block.timestamp + 7200);
        (terms.decisionRoot, terms.decisionHash, terms.decisionLength) = (bytes32(uint256(1)), bytes32(uint256(2)), 3);
        (terms.tracked, terms.memberTag) = (signed, signed ? keccak256("member") : bytes32(0));
        (terms.ref, terms.salt) = ("REF", bytes32(ids.length));
        bytes32 id = _router.termsHash(terms);
        bytes memory call = signed ? _bySignature(terms, id, who) : abi.encodeCall(_router.fund, (terms, _quote(id)));
        // The feed is alive: funding has its own tests for dead ones.
        _cast.feed.updateAnswer(1e8);
        if (!_call(payers[who], call, "fund")) return;
        ids.push(id);
        (payerOf[id], payoutOf[id]) = (who, provider);
    }

    function start(uint256 job) private {
        if (_none()) return;
        _call(_cast.agent, abi.encodeCall(_router.start, (_pick(job, IComputeRouter.Status.Funded))), "start");
    }

    function checkpoint(uint256 job, uint32 used) private {
        if (_none()) return;
        bytes32 id = _pick(job, IComputeRouter.Status.Active);
        _call(_cast.agent, abi.encodeCall(_router.checkpoint, (id, _used(id, used))), "checkpoint");
    }

    function complete(uint256 job, uint32 used) private {
        if (_none()) return;
        bytes32 id = _pick(job, IComputeRouter.Status.Active);
        if (_call(_cast.agent, abi.encodeCall(_router.complete, (id, _used(id, used), bytes32(0))), "complete")) {
            _freeze(id);
        }
    }

    /// Up to three jobs, the same one perhaps twice; whatever of it passes must be as if it had been completed alone.
    function completeMany(uint256 seed, uint256 shape) private {
        if (_none()) return;
        IComputeRouter.Completion[] memory batch = new IComputeRouter.Completion[](shape % 4);
        for (uint256 i = 0; i < batch.length; i++) {
            batch[i].id = _pick(seed >> (i * 64), IComputeRouter.Status.Active);
            batch[i].usedSeconds = _used(batch[i].id, uint32(shape >> (i * 32)));
        }
        _call(_cast.agent, abi.encodeCall(_router.completeMany, (batch)), "completeMany");
        _freezeEnded();
    }

    function cancel(uint256 job) private {
        if (_none()) return;
        bytes32 id = _pick(job, IComputeRouter.Status.Funded);
        if (_call(_cast.agent, abi.encodeCall(_router.cancel, (id)), "cancel")) _freeze(id);
    }

    function stop(uint256 job) private {
        if (_none()) return;
        bytes32 id = _pick(job, IComputeRouter.Status.Active);
        _call(payers[payerOf[id]], abi.encodeCall(_router.stop, (id)), "stop");
    }

    function reclaim(uint256 job) private {
        if (_none()) return;
        bytes32 id = _pick(job, IComputeRouter.Status.Active);
        if (_call(address(this), abi.encodeCall(_router.reclaim, (id)), "reclaim")) _freeze(id);
    }

    /// What the backstop does: ask the resolver, send its payload.
    function backstop(uint256 cursor, uint256 limit) private {
        (bool canExec, bytes memory payload) = _router.checker(cursor % 8, limit % 8);
        if (!canExec) return;
        _call(address(this), payload, "backstop");
        _freezeEnded();
    }

    function withdraw(uint256 who) private {
        uint256 tries = 7;
        while (--tries > 0 && _router.credits(account(who)) == 0) who = (who % 7) + 1;
        _call(address(this), abi.encodeCall(_router.withdrawFor, (account(who))), "withdraw");
    }

    // The world

    function pass(uint256 seconds_) private {
        vm.warp(block.timestamp + _between(seconds_, 1, 30_000));
    }

    function passLong() private {
        vm.warp(block.timestamp + 4 days);
    }

    function blacklist(uint256 who) private {
        address one = account(who);
        bool listed = _usdc.isBlacklisted(one);
        vm.prank(_cast.issuer);
        if (listed) _usdc.unBlacklist(one);
        else _usdc.blacklist(one);
    }

    function pauseUsdc() private {
        bool paused = _usdc.paused();
        vm.prank(_cast.issuer);
        if (paused) _usdc.unpause();
        else _usdc.pause();
    }

    function pauseRouter() private {
        bool paused = _router.paused();
        vm.prank(paused ? _cast.admin : _cast.pauser);
        if (paused) _router.unpause();
        else _router.pause();
    }

    function donate(uint64 amount) private {
        if (_usdc.paused()) return;
        amount = uint64(_between(amount, 1, 1e9));
        vm.prank(_cast.issuer);
        _usdc.mint(address(_router), amount);
        stray += amount;
    }

    /// The admin tries to take anything, up to everything.
    function rescue(uint256 amount) private {
        amount = _between(amount, 1, _usdc.balanceOf(address(_router)) + 1);
        if (_call(_cast.admin, abi.encodeCall(_router.rescue, (address(_usdc), _cast.admin, amount)), "rescue")) {
            (stray, rescued) = (stray - amount, rescued + amount);
        }
    }

    /// The admin gives fees to the other of two recipients; what was earned so far must stay the former one's.
    function moveFees() private {
        address from = _router.feeRecipient();
        uint256 earned = feesEarned();
        feesBefore[from] += earned - feesAttributed;
        feesAttributed = earned;
        address to = from == _cast.feeRecipient ? otherRecipient() : _cast.feeRecipient;
        _call(_cast.admin, abi.encodeCall(_router.setFeeRecipient, (to)), "setFeeRecipient");
    }

    /// Σ fee over all jobs, from the records.
    function feesEarned() public view returns (uint256 sum) {
        for (uint256 i = 0; i < ids.length; i++) {
            IComputeRouter.Job memory job = _router.getJob(ids[i]);
            sum += uint256(job.paid) * job.feeBps / 10_000;
        }
    }

    /// The second payout: a recipient that is also a payee.
    function otherRecipient() public view returns (address) {
        return payouts[1];
    }

    /// Payers, then payouts, then the fee recipient.
    function account(uint256 who) public view returns (address) {
        who %= PAYERS + PROVIDERS + 1;
        if (who < PAYERS) return payers[who];
        return who < PAYERS + PROVIDERS ? payouts[who - PAYERS] : _cast.feeRecipient;
    }

    // Inside

    function _bySignature(IComputeRouter.Terms memory terms, bytes32 id, uint256 who)
        private
        view
        returns (bytes memory)
    {
        uint256 value = _router.depositFor(terms.pricePerHour, terms.maxSeconds);
        uint256 before = block.timestamp + 60;
        bytes32 message = keccak256(abi.encode(RECEIVE_TYPEHASH, payers[who], address(_router), value, 0, before, id));
        bytes memory signature =
            _sign(_payerKeys[who], keccak256(abi.encodePacked("\x19\x01", _usdc.DOMAIN_SEPARATOR(), message)));
        return abi.encodeCall(_router.fundWithAuthorization, (terms, _quote(id), payers[who], 0, before, signature));
    }

    function _quote(bytes32 id) private view returns (bytes memory) {
        return _sign(_cast.quoterKey, id);
    }

    function _sign(uint256 key, bytes32 digest) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function _call(address from, bytes memory data, bytes32 verb) private returns (bool ok) {
        vm.prank(from);
        (ok,) = address(_router).call(data);
        if (ok) passed[verb]++;
    }

    /// Mostly counters that can pass, sometimes ones that cannot.
    function _used(bytes32 id, uint32 seed) private view returns (uint32) {
        IComputeRouter.Job memory job = _router.getJob(id);
        if (job.startedAt == 0 || seed % 8 == 0) return seed;
        uint256 elapsed = block.timestamp - job.startedAt;
        uint256 top = elapsed < job.maxSeconds ? elapsed : job.maxSeconds;
        return uint32(_between(seed, job.usedSeconds, top));
    }

    function _freezeEnded() private {
        for (uint256 i = 0; i < ids.length; i++) {
            if (finalRecord[ids[i]] == 0 && uint8(_router.getJob(ids[i]).status) > 2) _freeze(ids[i]);
        }
    }

    function _freeze(bytes32 id) private {
        finalRecord[id] = keccak256(abi.encode(_router.getJob(id)));
    }

    /// Seven times of eight a job in the wanted status, if there is one; else any.
    function _pick(uint256 seed, IComputeRouter.Status wanted) private view returns (bytes32) {
        for (uint256 i = 0; i < ids.length && seed % 8 != 0; i++) {
            bytes32 id = ids[(seed / 8 + i) % ids.length];
            if (_router.getJob(id).status == wanted) return id;
        }
        return ids[(seed / 8) % ids.length];
    }

    function _none() private view returns (bool) {
        return ids.length == 0;
    }
}

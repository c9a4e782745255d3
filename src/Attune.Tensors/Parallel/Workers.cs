using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Attune.Tensors.Parallel;

/// <summary>The threads that kernels run on.</summary>
/// <remarks>
/// <para>
/// Work is cut into items before anything is known about threads, and an item never depends on who runs it: results are
/// bit-identical for any <see cref="Count"/>. The calling thread works too. Each thread begins with a range of items of its own, the
/// same in every call with as many items, so that it finds in its caches what it left there; then it helps the others. A call allocates
/// nothing, but for the first with more threads than before.
/// </para>
/// <para>
/// Thread-safe. A call from within a job, or while another thread's call is running, does all its items on the calling thread.
/// </para>
/// </remarks>
public static unsafe class Workers
{
    /// <summary>The environment variable that sets <see cref="Count"/>.</summary>
    public const string Variable = "ATTUNE_THREADS";

    private const int MaxCount = 1024;

    /// <summary>How often the caller looks, some tens of nanoseconds apart, whether all have left, before it lets other processes run.</summary>
    private const int EndRounds = 2000;

    // The gate that workers pass to take part in the current call: its number in the upper half, a bit that says whether it is open,
    // and how many are inside. A worker that wakes up late finds the gate closed and nobody has waited for it.
    private const long Open = 1L << 31;
    private const long InsideMask = Open - 1;
    private const int NumberShift = 32;

    private static readonly Lock Growing = new();
    private static readonly List<Worker> Threads = [];

    private static int count = FromEnvironment(Environment.GetEnvironmentVariable(Variable));
    private static int busy;
    private static PaddedLong gate;
    private static PaddedLong[] nextItems = [];

    // The current call; written before the gate opens, read by those inside only.
    private static delegate*<void*, int, void> run;
    private static void* job;
    private static int items;
    private static int helpers;
    private static InstructionSet? forcedIsa;
    private static ExceptionDispatchInfo? failure;

    [ThreadStatic]
    private static bool insideJob;

    /// <summary>
    /// How many threads work on one call, the calling one included. At first <c>ATTUNE_THREADS</c>, or the number of processors.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is below 1 or above 1024.</exception>
    public static int Count
    {
        get => Volatile.Read(ref count);
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MaxCount);
            Volatile.Write(ref count, value);
        }
    }

    /// <summary>Runs items 0 to <paramref name="items"/> - 1 of <paramref name="job"/> and returns when all are done.</summary>
    /// <remarks>If an item throws, the remaining items may be left undone and the first exception is thrown to the caller.</remarks>
    // Not inlined: a caller that chooses between many kernels would take them all in and leave no room to inline what they consist of.
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void For<TJob>(int items, in TJob job)
        where TJob : struct, IJob
    {
        if (items <= 0)
            return;
        var threads = Math.Min(Count, items);
        using var mode = FloatingPoint.FlushDenormals();
        var local = job;
        if (threads == 1 || insideJob || Interlocked.CompareExchange(ref busy, 1, 0) != 0)
        {
            for (var item = 0; item < items; item++)
                local.Run(item);
            return;
        }

        // The copy lives on this thread's stack, which neither moves nor ends before all workers have left.
        RunShared(items, threads, &Invoke<TJob>, Unsafe.AsPointer(ref local));
    }

    /// <summary>
    /// Runs <paramref name="job"/> over 0 to <paramref name="length"/> - 1 in pieces of <paramref name="grain"/> (the last may be
    /// shorter). The pieces are the same for any number of threads.
    /// </summary>
    public static void ForRanges<TJob>(int length, int grain, in TJob job)
        where TJob : struct, IRangeJob
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(grain, 1);
        For((int)(((long)length + grain - 1) / grain), new Pieces<TJob>(length, grain, job));
    }

    /// <summary>Reads <c>ATTUNE_THREADS</c>; null or empty means one thread a processor.</summary>
    internal static int FromEnvironment(string? value)
    {
        if (string.IsNullOrWhiteSpace(value))
            return Math.Min(Environment.ProcessorCount, MaxCount);
        if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var threads) && threads is >= 1 and <= MaxCount)
            return threads;
        throw new ArgumentException($"{Variable}={value}: expected a whole number of threads from 1 to {MaxCount}.");
    }

    private static void Invoke<TJob>(void* job, int item)
        where TJob : struct, IJob
        => Unsafe.AsRef<TJob>(job).Run(item);

    private static void RunShared(int total, int threads, delegate*<void*, int, void> function, void* argument)
    {
        try
        {
            EnsureThreads(threads - 1);
            run = function;
            job = argument;
            items = total;
            helpers = threads - 1;
            forcedIsa = Isa.ForcedHere;
            failure = null;
            for (var range = 0; range < threads; range++)
                Volatile.Write(ref nextItems[range].Value, RangeStart(range));

            var number = (Volatile.Read(ref gate.Value) >> NumberShift) + 1;
            Interlocked.Exchange(ref gate.Value, number << NumberShift | Open);
            for (var i = 0; i < threads - 1; i++)
                Threads[i].WakeUp();

            insideJob = true;
            TakeItems(0);
            insideJob = false;

            Interlocked.And(ref gate.Value, ~Open);
            // The last item of another thread takes microseconds: giving the processor away would often cost more.
            for (var round = 0; round < EndRounds && (Volatile.Read(ref gate.Value) & InsideMask) != 0; round++)
                Thread.SpinWait(1);
            var wait = default(SpinWait);
            while ((Volatile.Read(ref gate.Value) & InsideMask) != 0)
                wait.SpinOnce(sleep1Threshold: -1);

            var failed = failure;
            failure = null;
            forcedIsa = null;
            failed?.Throw();
        }
        finally
        {
            Volatile.Write(ref busy, 0);
        }
    }

    /// <summary>Does the items of one range, then what is left of the others.</summary>
    private static void TakeItems(int own)
    {
        var ranges = helpers + 1;
        try
        {
            for (var offset = 0; offset < ranges; offset++)
            {
                var range = (own + offset) % ranges;
                var end = RangeStart(range + 1);
                ref var next = ref nextItems[range].Value;
                while (Volatile.Read(ref next) < end)
                {
                    var item = Interlocked.Increment(ref next) - 1;
                    if (item < end)
                        run(job, (int)item);
                }
            }
        }
        catch (Exception error)
        {
            Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(error), null);
            for (var range = 0; range < ranges; range++)
                Volatile.Write(ref nextItems[range].Value, int.MaxValue);
        }
    }

    private static long RangeStart(int range) => (long)items * range / (helpers + 1);

    private static void EnsureThreads(int needed)
    {
        if (Threads.Count >= needed)
            return;
        lock (Growing)
        {
            nextItems = new PaddedLong[needed + 1];
            while (Threads.Count < needed)
                Threads.Add(new Worker(Threads.Count));
        }
    }

    /// <summary>Passes the gate if it is open with another number than <paramref name="last"/> and this worker is wanted.</summary>
    private static bool TryEnter(int index, ref long last)
    {
        var state = Volatile.Read(ref gate.Value);
        while ((state & Open) != 0 && state >> NumberShift != last)
        {
            if (index >= Volatile.Read(ref helpers))
                return false;
            var before = Interlocked.CompareExchange(ref gate.Value, state + 1, state);
            if (before == state)
            {
                last = state >> NumberShift;
                return true;
            }

            state = before;
        }

        return false;
    }

    private readonly struct Pieces<TJob>(int length, int grain, in TJob job) : IJob
        where TJob : struct, IRangeJob
    {
        private readonly TJob job = job;

        public void Run(int item)
        {
            var start = item * grain;
            job.Run(start, (int)Math.Min((long)start + grain, length));
        }
    }

    /// <summary>A counter on cache lines of its own.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct PaddedLong
    {
        [FieldOffset(128)]
        public long Value;
    }

    [SuppressMessage("Reliability", "CA1001", Justification = "A worker lives as long as the process.")]
    private sealed class Worker
    {
        // Between two kernels of a step there are some microseconds: waiting actively for that long saves the system's slow wake-up.
        private const int ActiveRounds = 2000;

        private readonly int index;
        private readonly AutoResetEvent awake = new(false);
        private int parked;

        public Worker(int index)
        {
            this.index = index;
            var thread = new Thread(Loop) { IsBackground = true, Name = $"Attune worker {index + 1}" };
            thread.UnsafeStart();
        }

        public void WakeUp()
        {
            if (Volatile.Read(ref parked) != 0 && Interlocked.Exchange(ref parked, 0) != 0)
                awake.Set();
        }

        private void Loop()
        {
            using var mode = FloatingPoint.FlushDenormals();
            insideJob = true;
            var last = 0L;
            while (true)
            {
                WaitForCall(ref last);
                using (Isa.Apply(forcedIsa))
                    TakeItems(index + 1);
                Interlocked.Decrement(ref gate.Value);
            }
        }

        private void WaitForCall(ref long last)
        {
            while (true)
            {
                for (var round = 0; round < ActiveRounds; round++)
                {
                    if (TryEnter(index, ref last))
                        return;
                    Thread.SpinWait(8);
                }

                // Announce first, then look again: either this look sees the open gate, or the caller sees the announcement.
                Interlocked.Exchange(ref parked, 1);
                if (TryEnter(index, ref last))
                {
                    // If the caller took the announcement back meanwhile, its signal only makes one later wait return early.
                    Interlocked.Exchange(ref parked, 0);
                    return;
                }

                awake.WaitOne();
            }
        }
    }
}

using System.Runtime.Intrinsics.X86;

namespace Attune.Tensors;

/// <summary>Chooses, once at start-up, the instruction set that all kernels use.</summary>
/// <remarks>
/// The environment variable <c>ATTUNE_ISA</c> (<c>portable</c>, <c>avx2</c>, <c>avx512</c>, <c>amx</c>) forces one; without it the best
/// that the CPU has is taken. A CPU that has none of them runs the portable kernels.
/// </remarks>
public static class Isa
{
    /// <summary>The environment variable that forces an instruction set.</summary>
    public const string Variable = "ATTUNE_ISA";

    /// <summary>The instruction sets this machine can run, from the most general to the fastest.</summary>
    public static IReadOnlyList<InstructionSet> Available { get; } = Detect();

    private static readonly Lazy<InstructionSet> Chosen =
        new(() => Choose(Environment.GetEnvironmentVariable(Variable), Available));

    [ThreadStatic]
    private static InstructionSet? forced;

    /// <summary>
    /// Whether the processor has AMX for bfloat16 and int8. It is <see cref="Available"/> only where the system lets programs use it too, as Linux
    /// does from 5.16 on.
    /// </summary>
    public static bool ProcessorHasAmx => AmxTiles.ArePresent;

    /// <summary>The instruction set kernels use.</summary>
    /// <exception cref="PlatformNotSupportedException"><c>ATTUNE_ISA</c> names a set that is unknown or that this CPU lacks.</exception>
    public static InstructionSet Current => forced ?? Chosen.Value;

    /// <summary>
    /// Makes <see cref="Current"/> answer <paramref name="set"/> until the result is disposed, on the calling thread and in the jobs
    /// it gives to <see cref="Parallel.Workers"/>: tests compare kernels of all sets within one process.
    /// </summary>
    internal static Scope Force(InstructionSet set)
    {
        if (!Available.Contains(set))
            throw new PlatformNotSupportedException(Missing(set.ToString(), Available));
        return Apply(set);
    }

    /// <summary>What <see cref="Force"/> set on this thread, if anything; <see cref="Parallel.Workers"/> carries it along.</summary>
    internal static InstructionSet? ForcedHere => forced;

    /// <summary>Takes over what another thread's <see cref="ForcedHere"/> was, until the result is disposed.</summary>
    internal static Scope Apply(InstructionSet? set)
    {
        var scope = new Scope(forced);
        forced = set;
        return scope;
    }

    /// <summary>What <c>ATTUNE_ISA=<paramref name="wish"/></c> means on a machine that has <paramref name="available"/>.</summary>
    internal static InstructionSet Choose(string? wish, IReadOnlyList<InstructionSet> available)
    {
        if (string.IsNullOrWhiteSpace(wish))
            return available[^1];
        foreach (var set in available)
        {
            if (wish.Trim().Equals(set.ToString(), StringComparison.OrdinalIgnoreCase))
                return set;
        }

        throw new PlatformNotSupportedException(Missing(wish.Trim(), available));
    }

    private static string Missing(string wish, IReadOnlyList<InstructionSet> available)
    {
#pragma warning disable CA1308 // The variable's values are lower-case by convention; this is display text.
        var names = string.Join(", ", available.Select(set => set.ToString().ToLowerInvariant()));
#pragma warning restore CA1308
        return $"{Variable}={wish}: this CPU does not offer that instruction set; it has: {names}. "
            + $"Set {Variable} to one of these, or unset it to use the fastest.";
    }

    private static InstructionSet[] Detect()
    {
        // Vector512.IsHardwareAccelerated is false on CPUs that lower their clock for 512-bit code, although the
        // instructions are there and pay off in long kernels: only the instruction-set classes tell the truth.
        var sets = new List<InstructionSet> { InstructionSet.Portable };
        if (Avx2.IsSupported && Fma.IsSupported)
            sets.Add(InstructionSet.Avx2);
        if (Avx512F.IsSupported && Avx512BW.IsSupported && Avx512DQ.IsSupported && Avx512F.VL.IsSupported)
        {
            sets.Add(InstructionSet.Avx512);
            if (AmxTiles.AreUsable())
                sets.Add(InstructionSet.Amx);
        }

        return [.. sets];
    }

    /// <summary>Ends what <see cref="Force"/> or <see cref="Apply"/> began.</summary>
    internal readonly struct Scope(InstructionSet? before) : IDisposable
    {
        /// <inheritdoc/>
        public void Dispose() => forced = before;
    }
}

using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Ops;

namespace Attune.Nn.Mixers;

/// <summary>
/// How mixers that go by neighbourhood or recurrence read the rows before a sequence: these are put in front of it, and what becomes of them
/// is left off the result.
/// </summary>
internal static class LeftContext
{
    /// <summary>Mixes rows together with the context's memory.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="x">The rows of the sequences, <c>[rows, width]</c>.</param>
    /// <param name="context">What is known of them, with a memory.</param>
    /// <param name="reach">How many rows back a row sees; null is all.</param>
    /// <param name="mix">Mixes rows without memory.</param>
    /// <returns>The rows of the sequences, mixed.</returns>
    /// <exception cref="NotSupportedException">The rows are decoded step by step, or masked pair by pair.</exception>
    public static Tensor Mix(Pass pass, Tensor x, MixerContext context, int? reach, Func<Pass, Tensor, MixerContext, Tensor> mix)
    {
        if (context is { State: not null } or { PairMask: not null })
            throw new NotSupportedException("Rows that are read after a memory can neither be decoded step by step nor be masked pair by pair.");
        Tensor memory = context.Memory!;
        Segments own = context.Segments, earlier = context.MemorySegments ?? throw new InvalidOperationException("A memory needs the sequences of its rows.");
        int[] lengths = new int[own.Count], kept = new int[own.Rows];
        int[] order = new int[checked(memory.Shape[0] + own.Rows)];
        int next = 0;
        for (int s = 0; s < lengths.Length; s++)
        {
            int before = Math.Min(earlier.Length(s), reach ?? int.MaxValue);
            lengths[s] = before + own.Length(s);
            for (int i = earlier.Length(s) - before; i < earlier.Length(s); i++)
                order[next++] = earlier.Start(s) + i;
            for (int row = own.Start(s); row < own.Start(s) + own.Length(s); row++)
            {
                kept[row] = next;
                order[next++] = memory.Shape[0] + row;
            }
        }
        order = order[..next];
        var all = Segments.FromLengths(lengths);
        Tensor mixed = mix(pass, pass.Tape.GatherRows(pass.Tape.Concat(0, memory, x), order), context with
        {
            Segments = all,
            Memory = null,
            MemorySegments = null,
            KeyMask = Extended(context.KeyMask, order, memory.Shape[0]),
        });
        return pass.Tape.GatherRows(mixed, kept);
    }

    // What is remembered may be seen.
    private static ReadOnlyMemory<bool> Extended(ReadOnlyMemory<bool> mask, int[] order, int remembered)
    {
        if (mask.IsEmpty)
            return mask;
        bool[] all = new bool[order.Length];
        for (int i = 0; i < all.Length; i++)
            all[i] = order[i] < remembered || mask.Span[order[i] - remembered];
        return all;
    }
}

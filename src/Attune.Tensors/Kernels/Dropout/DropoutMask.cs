using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;
using Attune.Tensors.Random;

namespace Attune.Tensors.Kernels.Dropout;

/// <summary>
/// What dropout multiplies with: 0 where number <c>i</c> of a random stream (<see cref="RandomStream.Uniform"/>) is below the
/// probability, else 1 / (1 - probability).
/// </summary>
internal readonly unsafe struct DropoutMask
{
    /// <summary>Most multipliers that one <see cref="Fill"/> makes.</summary>
    public const int MaxCount = 1024;

    /// <summary>The length of a buffer for <see cref="Fill"/>: whole groups are made, and the first may begin before the first index.</summary>
    public const int BufferLength = MaxCount + 2 * Philox.GroupSize;

    private readonly RandomStream _stream;
    private readonly int _limit;
    private readonly float _kept;

    /// <param name="stream">The random numbers of the operation.</param>
    /// <param name="probability">The probability to drop, at least 0 and below 1.</param>
    public DropoutMask(RandomStream stream, float probability)
    {
        _stream = stream;
        _limit = (int)Math.Ceiling((double)probability * (1 << 24));
        _kept = (float)(1 / (1 - (double)probability));
    }

    /// <summary>Whether anything is dropped.</summary>
    public bool IsActive => _limit > 0;

    /// <summary>
    /// Makes the multipliers of the indices <paramref name="index"/> to <paramref name="index"/> + <paramref name="count"/> somewhere in
    /// <paramref name="buffer"/> and returns where the first one is.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public float* Fill<T>(float* buffer, long index, int count)
        where T : struct, ILanes<T>
    {
        int skipped = (int)(index & (Philox.GroupSize - 1));
        T limit = T.BroadcastInt(_limit - 1);
        T kept = T.Broadcast(_kept);
        long counter = (index - skipped) / 4;
        for (float* target = buffer; target < buffer + skipped + count; target += Philox.GroupSize)
        {
            for (int lane = 0; lane < Philox.GroupLanes; lane += T.Width, counter += T.Width)
            {
                Draw(counter, out T x0, out T x1, out T x2, out T x3);
                T.Store(target + lane, T.GreaterThanInt(T.ShiftRightLogical(x0, 8), limit) & kept);
                T.Store(target + Philox.GroupLanes + lane, T.GreaterThanInt(T.ShiftRightLogical(x1, 8), limit) & kept);
                T.Store(target + 2 * Philox.GroupLanes + lane, T.GreaterThanInt(T.ShiftRightLogical(x2, 8), limit) & kept);
                T.Store(target + 3 * Philox.GroupLanes + lane, T.GreaterThanInt(T.ShiftRightLogical(x3, 8), limit) & kept);
            }
        }
        return buffer + skipped;
    }

    // Philox.Draw for consecutive counters, one a lane.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Draw<T>(long counter, out T x0, out T x1, out T x2, out T x3)
        where T : struct, ILanes<T>
    {
        // Counters come in aligned runs of the width, so the low halves never carry into the high ones.
        x0 = T.AddInt(T.BroadcastInt((int)counter), T.IndexInt);
        x1 = T.BroadcastInt((int)(counter >> 32));
        x2 = T.BroadcastInt((int)_stream.StreamId);
        x3 = T.BroadcastInt((int)_stream.Step);
        T multiplier0 = T.BroadcastInt(unchecked((int)Philox.Multiplier0));
        T multiplier1 = T.BroadcastInt(unchecked((int)Philox.Multiplier1));
        uint key0 = (uint)_stream.Seed, key1 = (uint)(_stream.Seed >> 32);
        for (int round = 0; round < Philox.Rounds; round++)
        {
            T low0 = T.MultiplyWideInt(multiplier0, x0, out T high0);
            T low1 = T.MultiplyWideInt(multiplier1, x2, out T high1);
            (x0, x1, x2, x3) = (high1 ^ x1 ^ T.BroadcastInt((int)key0), low1, high0 ^ x3 ^ T.BroadcastInt((int)key1), low0);
            key0 += Philox.Weyl0;
            key1 += Philox.Weyl1;
        }
    }
}

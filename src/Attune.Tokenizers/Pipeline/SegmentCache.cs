using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Attune.Tokenizers.Pipeline;

/// <summary>
/// Remembers the ids of short segments of text: a table of fixed size in which newer segments take the place of older ones.
/// </summary>
/// <remarks>An entry is one cache line, so that a hit costs one miss of the processor's cache at most. One thread at a time.</remarks>
internal sealed class SegmentCache
{
    /// <summary>The longest segment remembered, in UTF-16 units.</summary>
    public const int MaxLength = 16;

    private const int MaxIds = 6;
    private const int Size = 1 << 16;

    private readonly Entry[] _entries = new Entry[Size];

    /// <summary>Appends the ids of a segment, if it is known.</summary>
    /// <param name="segment">The segment; not empty.</param>
    /// <param name="destination">Gets the ids.</param>
    /// <param name="hash">The segment's hash, for <see cref="Remember"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryAppend(ReadOnlySpan<char> segment, ref IdWriter destination, out uint hash)
    {
        hash = 0;
        if (segment.Length > MaxLength) return false;
        hash = Hash(segment);
        ref var entry = ref _entries[hash & (Size - 1)];
        if (!entry.Is(hash, segment))
        {
            entry = ref _entries[(hash & (Size - 1)) ^ 1];
            if (!entry.Is(hash, segment)) return false;
        }

        destination.Append(entry.Ids, entry.IdCount);
        return true;
    }

    /// <summary>Remembers the ids of a segment, unless it is too long.</summary>
    public void Remember(ReadOnlySpan<char> segment, uint hash, ReadOnlySpan<int> ids)
    {
        if (segment.Length > MaxLength || ids.Length > MaxIds) return;
        ref var entry = ref _entries[hash & (Size - 1)];
        _entries[(hash & (Size - 1)) ^ 1] = entry;
        entry.Hash = hash;
        entry.Length = (ushort)segment.Length;
        entry.IdCount = (ushort)ids.Length;
        segment.CopyTo(entry.Key);
        ids.CopyTo(entry.Ids);
    }

    // Reads the segment as at most four overlapping words of 8 bytes; the length tells apart what overlap makes equal.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Hash(ReadOnlySpan<char> segment)
    {
        const ulong factor = 0x9E3779B97F4A7C15;
        ref var first = ref Unsafe.As<char, byte>(ref MemoryMarshal.GetReference(segment));
        var length = (nuint)segment.Length;
        ulong hash;
        if (length >= 4)
        {
            hash = Unsafe.ReadUnaligned<ulong>(ref first) * factor;
            hash = ((hash << 23) | (hash >> 41)) ^ Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, (2 * length) - 8));
            if (length > 8)
            {
                hash *= factor;
                hash = ((hash << 23) | (hash >> 41)) ^ Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, 8));
                hash *= factor;
                hash = ((hash << 23) | (hash >> 41)) ^ Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, (2 * length) - 16));
            }
        }
        else
        {
            hash = segment[0];
            if (length > 1) hash |= (ulong)segment[1] << 16;
            if (length > 2) hash |= (ulong)segment[2] << 32;
        }

        hash = (hash ^ ((ulong)length << 56)) * factor;
        return (uint)(hash >> 32) | 1;
    }

    [InlineArray(MaxLength)]
    private struct Units
    {
        private char _first;
    }

    [InlineArray(MaxIds)]
    internal struct IdList
    {
        private int _first;
    }

    // A hash is never 0, so an entry never used equals nothing.
    private struct Entry
    {
        public uint Hash;
        public ushort Length;
        public ushort IdCount;
        public Units Key;
        public IdList Ids;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly bool Is(uint hash, ReadOnlySpan<char> segment) =>
            Hash == hash && Length == segment.Length && segment.SequenceEqual(((ReadOnlySpan<char>)Key)[..segment.Length]);
    }
}

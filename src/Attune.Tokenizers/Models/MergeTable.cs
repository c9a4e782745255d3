using System.Numerics;

namespace Attune.Tokenizers.Models;

/// <summary>Which pairs of tokens merge, when, and into what: a hash table with open addressing.</summary>
internal sealed class MergeTable
{
    private readonly ulong[] _keys;
    private readonly (int Rank, int Id)[] _values;
    private readonly int _mask;

    /// <summary>Makes the table.</summary>
    /// <param name="merges">Pairs in order of rank, with what they become; of a pair given twice the last counts.</param>
    public MergeTable(IReadOnlyList<(int Left, int Right, int Id)> merges)
    {
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, merges.Count * 2));
        (_keys, _values, _mask) = (new ulong[size], new (int, int)[size], size - 1);
        for (var rank = 0; rank < merges.Count; rank++)
        {
            var key = Key(merges[rank].Left, merges[rank].Right);
            var slot = Slot(key);
            while (_keys[slot] != 0 && _keys[slot] != key) slot = (slot + 1) & _mask;
            _keys[slot] = key;
            _values[slot] = (rank, merges[rank].Id);
        }
    }

    /// <summary>Finds what a pair becomes.</summary>
    public bool TryFind(int left, int right, out int rank, out int id)
    {
        var key = Key(left, right);
        for (var slot = Slot(key); _keys[slot] != 0; slot = (slot + 1) & _mask)
        {
            if (_keys[slot] != key) continue;
            (rank, id) = _values[slot];
            return true;
        }

        (rank, id) = (int.MaxValue, -1);
        return false;
    }

    // Ids are below 2^31, so one more in each half keeps 0 free for empty slots.
    private static ulong Key(int left, int right) => ((ulong)(uint)(left + 1) << 32) | (uint)(right + 1);

    private int Slot(ulong key) => (int)((key * 0x9E3779B97F4A7C15) >> 32) & _mask;
}

using System.Numerics;

namespace Attune.Tokenizers.Trainers.SentencePieces;

/// <summary>A prefix tree over pieces; which of them count, and as what, can be set again and again.</summary>
internal sealed class PieceTrie
{
    // An edge's key is the node it starts from and the code point it stands for; no edge has key 0, as no piece holds U+0000.
    private long[] _keys;
    private int[] _targets;
    private readonly List<int> _ids = [-1];
    private int _edges;

    /// <summary>Makes a tree with room for some pieces; it grows as needed.</summary>
    public PieceTrie(int pieces)
    {
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(pieces, 16, 1 << 20) * 4);
        (_keys, _targets) = (new long[size], new int[size]);
    }

    /// <summary>The node of the empty text.</summary>
    public const int Root = 0;

    /// <summary>Adds a piece that does not count yet, and gives its node.</summary>
    public int Add(ReadOnlySpan<int> piece)
    {
        var node = Root;
        foreach (var c in piece)
        {
            var slot = Find(Key(node, c));
            if (_keys[slot] == 0)
            {
                if (++_edges > _keys.Length / 2)
                {
                    Grow();
                    slot = Find(Key(node, c));
                }

                (_keys[slot], _targets[slot]) = (Key(node, c), _ids.Count);
                _ids.Add(-1);
            }

            node = _targets[slot];
        }

        return node;
    }

    /// <summary>Sets what a node's piece counts as; -1 for nothing.</summary>
    public void Set(int node, int id) => _ids[node] = id;

    /// <summary>The id of the piece that ends at a node, or -1.</summary>
    public int IdAt(int node) => _ids[node];

    /// <summary>Goes one code point down; <see cref="Root"/> where there is no way.</summary>
    public int Next(int node, int c)
    {
        var slot = Find(Key(node, c));
        return _keys[slot] == 0 ? Root : _targets[slot];
    }

    private static long Key(int node, int c) => ((long)node << 21) | (uint)c;

    private int Find(long key)
    {
        var mask = _keys.Length - 1;
        var slot = (int)((ulong)(key * unchecked((long)0x9E3779B97F4A7C15)) >> 32) & mask;
        while (_keys[slot] != 0 && _keys[slot] != key) slot = (slot + 1) & mask;
        return slot;
    }

    private void Grow()
    {
        var (keys, targets) = (_keys, _targets);
        (_keys, _targets) = (new long[keys.Length * 2], new int[keys.Length * 2]);
        for (var i = 0; i < keys.Length; i++)
        {
            if (keys[i] == 0) continue;
            var slot = Find(keys[i]);
            (_keys[slot], _targets[slot]) = (keys[i], targets[i]);
        }
    }
}

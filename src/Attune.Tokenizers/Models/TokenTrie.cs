using System.Runtime.InteropServices;

namespace Attune.Tokenizers.Models;

/// <summary>A prefix tree over tokens, for finding every token that a text begins with.</summary>
internal sealed class TokenTrie
{
    private readonly Dictionary<long, int> _edges = [];
    private readonly int[] _rootEdges = new int[0x10000];
    private readonly List<int> _values = [-1];

    /// <summary>Adds a token; a later one with the same spelling takes its place.</summary>
    public void Add(string token, int id)
    {
        var node = 0;
        foreach (var c in token)
        {
            ref var next = ref node == 0 ? ref _rootEdges[c] : ref CollectionsMarshal.GetValueRefOrAddDefault(_edges, Key(node, c), out _);
            if (next == 0)
            {
                next = _values.Count;
                _values.Add(-1);
            }

            node = next;
        }

        _values[node] = id;
    }

    /// <summary>Goes one character down; 0 where there is no way.</summary>
    /// <param name="node">The node; 0 is the root.</param>
    /// <param name="c">The character.</param>
    public int Next(int node, char c) => node == 0 ? _rootEdges[c] : _edges.GetValueOrDefault(Key(node, c));

    /// <summary>The id of the token that ends at a node, or -1.</summary>
    public int ValueOf(int node) => _values[node];

    private static long Key(int node, char c) => ((long)node << 16) | c;
}

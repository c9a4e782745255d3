namespace Attune.Tokenizers.Models;

/// <summary>Tokens and their ids. Ids need not be dense.</summary>
internal sealed class Vocabulary
{
    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly string?[] _dense;
    private readonly Dictionary<int, string> _sparse = [];

    /// <summary>Makes a vocabulary.</summary>
    /// <param name="ids">Tokens and ids; taken over.</param>
    public Vocabulary(Dictionary<string, int> ids)
    {
        _ids = ids;
        Count = ids.Count;
        _lookup = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        // A file may give a token any id, so the array's size is bound by the number of tokens, not by their ids.
        _dense = new string?[Math.Min(ids.Count == 0 ? 0 : ids.Values.Max() + 1L, (2L * ids.Count) + 1024)];
        foreach (var (token, id) in ids)
        {
            LongestToken = Math.Max(LongestToken, token.Length);
            if (id < _dense.Length) _dense[id] = token;
            else _sparse[id] = token;
        }
    }

    /// <summary>Makes a vocabulary whose ids are places in a list; of a token that stands there twice the last place counts.</summary>
    public Vocabulary(IReadOnlyList<string> tokens)
        : this(ByPlace(tokens))
    {
        _dense = [.. tokens];
        Count = tokens.Count;
    }

    /// <summary>The number of tokens.</summary>
    public int Count { get; }

    /// <summary>The length of the longest token in UTF-16 units.</summary>
    public int LongestToken { get; }

    /// <summary>All tokens with their ids, in ascending order of ids.</summary>
    public IEnumerable<KeyValuePair<string, int>> InOrder => _ids.OrderBy(entry => entry.Value);

    /// <summary>The id of a token, or -1.</summary>
    public int Find(ReadOnlySpan<char> token) => _lookup.TryGetValue(token, out var id) ? id : -1;

    /// <summary>The id of a token, or -1.</summary>
    public int FindText(string token) => Find(token);

    /// <summary>The token with an id, or null.</summary>
    public string? TokenOf(int id) => (uint)id < (uint)_dense.Length ? _dense[id] : _sparse.GetValueOrDefault(id);

    private static Dictionary<string, int> ByPlace(IReadOnlyList<string> tokens)
    {
        var ids = new Dictionary<string, int>(tokens.Count);
        for (var id = 0; id < tokens.Count; id++) ids[tokens[id]] = id;
        return ids;
    }
}

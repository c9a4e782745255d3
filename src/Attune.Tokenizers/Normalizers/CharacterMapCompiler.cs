using System.Buffers.Binary;
using System.Text;

namespace Attune.Tokenizers.Normalizers;

/// <summary>Writes normalization rules as a <see cref="CharacterMap"/>: equal subtrees once, then all of them in a double array.</summary>
internal sealed class CharacterMapCompiler
{
    private const int BlockSize = 256;
    private const int MaxTries = 512;

    private readonly List<uint> _units = [];
    private readonly List<bool> _used = [];
    private readonly HashSet<int> _bases = [];
    private readonly Dictionary<Node, int> _placed = new(ReferenceEqualityComparer.Instance);
    private int _firstFree = 1;

    /// <summary>Compiles rules.</summary>
    /// <param name="rules">What becomes of each text.</param>
    public static CharacterMap Compile(IReadOnlyDictionary<string, string> rules)
    {
        var (values, block) = Values(rules.Values);
        var keys = rules.Select(r => (Key: System.Text.Encoding.UTF8.GetBytes(r.Key), Value: values[r.Value])).ToArray();
        Array.Sort(keys, (a, b) => a.Key.AsSpan().SequenceCompareTo(b.Key));
        var root = Merge(keys, 0, [], new Dictionary<string, Node>());
        var compiler = new CharacterMapCompiler();
        compiler.Reserve(0);
        compiler._used[0] = true;
        compiler._units[0] = Offset(compiler.Place(root));
        return CharacterMap.TryRead(compiler.Bytes(block)) ?? throw new InvalidOperationException("The compiled rules cannot be read.");
    }

    // Each replacement once, ended by a zero.
    private static (Dictionary<string, int> Places, byte[] Block) Values(IEnumerable<string> texts)
    {
        var places = new Dictionary<string, int>();
        var block = new List<byte>();
        foreach (var text in texts.Distinct().Order(StringComparer.Ordinal))
        {
            places[text] = block.Count;
            block.AddRange(System.Text.Encoding.UTF8.GetBytes(text));
            block.Add(0);
        }

        return (places, [.. block]);
    }

    // The subtree of sorted keys that share their first bytes; one object for all equal ones.
    private static Node Merge(ReadOnlySpan<(byte[] Key, int Value)> keys, int depth, List<Node> numbered, Dictionary<string, Node> known)
    {
        var value = keys[0].Key.Length == depth ? keys[0].Value : -1;
        var children = new List<(byte Label, Node Child)>();
        for (var at = value >= 0 ? 1 : 0; at < keys.Length;)
        {
            var label = keys[at].Key[depth];
            var end = at;
            while (end < keys.Length && keys[end].Key[depth] == label) end++;
            children.Add((label, Merge(keys[at..end], depth + 1, numbered, known)));
            at = end;
        }

        var spelling = new StringBuilder().Append(value);
        foreach (var (label, child) in children) spelling.Append(' ').Append(label).Append(':').Append(child.Number);
        if (known.TryGetValue(spelling.ToString(), out var same)) return same;
        var node = new Node(numbered.Count, value, children);
        numbered.Add(node);
        known[spelling.ToString()] = node;
        return node;
    }

    // Puts a node's value and children in free units and gives the place they count from.
    private int Place(Node node)
    {
        if (_placed.TryGetValue(node, out var known)) return known;
        List<byte> labels = [.. node.Children.Select(c => c.Label)];
        if (node.Value >= 0) labels.Insert(0, 0);
        var place = FindBase(labels);
        _bases.Add(place);
        _placed[node] = place;
        foreach (var label in labels) _used[place ^ label] = true;
        if (node.Value >= 0) _units[place] = (uint)node.Value | 0x80000000;
        foreach (var (label, child) in node.Children)
        {
            var unit = place ^ label;
            _units[unit] = Offset(Place(child) ^ unit) | (child.Value >= 0 ? 1u << 8 : 0) | label;
        }

        return place;
    }

    private int FindBase(List<byte> labels)
    {
        while (_firstFree < _used.Count && _used[_firstFree]) _firstFree++;
        var tries = 0;
        for (var unit = _firstFree; ; unit++)
        {
            Reserve(unit);
            if (_used[unit]) continue;
            // Gaps that so many others did not fit in are given up.
            if (++tries == MaxTries) _firstFree = unit;
            var place = unit ^ labels[0];
            // Nodes count from different places, so that no unit is taken for another node's.
            if (!_bases.Contains(place) && Fits(labels, place)) return place;
        }
    }

    private bool Fits(List<byte> labels, int place)
    {
        foreach (var label in labels)
        {
            if (_used[place ^ label]) return false;
        }

        return true;
    }

    private void Reserve(int unit)
    {
        while (_used.Count <= (unit | (BlockSize - 1)))
        {
            _used.Add(false);
            _units.Add(0);
        }
    }

    private static uint Offset(int distance) => distance < 1 << 21
        ? (uint)distance << 10
        : throw new InvalidOperationException("There are too many rules for a double array.");

    private byte[] Bytes(byte[] block)
    {
        var bytes = new byte[4 + (4 * _units.Count) + block.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)(4 * _units.Count));
        for (var i = 0; i < _units.Count; i++) BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4 + (4 * i)), _units[i]);
        block.CopyTo(bytes, 4 + (4 * _units.Count));
        return bytes;
    }

    private sealed record Node(int Number, int Value, List<(byte Label, Node Child)> Children);
}

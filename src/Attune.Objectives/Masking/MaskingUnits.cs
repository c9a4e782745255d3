using System.Runtime.InteropServices;
using Attune.Nn.Contracts;

namespace Attune.Objectives.Masking;

/// <summary>The units of an example that can be chosen whole: its tokens, or its words. Special tokens belong to none.</summary>
/// <remarks>Reused from example to example; not thread-safe.</remarks>
public sealed class MaskingUnits
{
    private readonly List<int> _positions = [];
    private readonly List<int> _starts = [];

    /// <summary>The number of units.</summary>
    public int Count => _starts.Count;

    /// <summary>The positions of a unit, ascending.</summary>
    public ReadOnlySpan<int> this[int unit]
    {
        get
        {
            int start = _starts[unit];
            int end = unit + 1 < _starts.Count ? _starts[unit + 1] : _positions.Count;
            return CollectionsMarshal.AsSpan(_positions)[start..end];
        }
    }

    /// <summary>Finds the units of an example.</summary>
    /// <exception cref="ArgumentException">Words are asked for, and the example does not know them.</exception>
    public void Find(Example example, bool words)
    {
        if (words && example.Words.Length != example.Ids.Length)
            throw new ArgumentException("Masking whole words needs the word of each token; the examples were tokenized without words.", nameof(example));
        _positions.Clear();
        _starts.Clear();
        ReadOnlySpan<bool> special = example.Special.Span;
        ReadOnlySpan<int> word = example.Words.Span;
        int last = -1;
        for (int position = 0; position < example.Ids.Length; position++)
        {
            if (!special.IsEmpty && special[position])
                continue;
            // The pieces of a word that a special token splits stay one unit, as in the original program.
            if (!words || last < 0 || word[position] != word[last])
                _starts.Add(_positions.Count);
            _positions.Add(position);
            last = position;
        }
    }
}

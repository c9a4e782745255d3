using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.Decoding;

/// <summary>The keys and values that one block has made of the encoder's rows: once, however many steps and beams read them.</summary>
internal sealed class CachedSource
{
    private readonly Heads _keys;
    private readonly Heads _values;
    private readonly Segments _segments;

    /// <summary>Copies keys and values, which may be gone after the pass.</summary>
    public CachedSource(Heads keys, Heads values, Segments segments)
    {
        static Heads Copied(Heads heads) => heads with { Source = Tensor.From(heads.Source.Shape, heads.Source.Span) };
        (_keys, _values, _segments) = (Copied(keys), Copied(values), segments);
    }

    public long ReservedBytes => (_keys.Source.Count + _values.Source.Count) * sizeof(float);

    /// <summary>Lets queries read the source of their sequence. Neighbours with the same source (the beams of one text) read it together.</summary>
    /// <param name="tape">Where it runs.</param>
    /// <param name="queries">The queries.</param>
    /// <param name="segments">Their sequences.</param>
    /// <param name="sources">The source of each sequence.</param>
    /// <param name="options">As for attention over whole sequences.</param>
    public Tensor Attend(Tape tape, Heads queries, Segments segments, ReadOnlySpan<int> sources, AttentionOptions options)
    {
        List<Tensor> parts = [];
        for (int s = 0, next; s < sources.Length; s = next)
        {
            int source = sources[s];
            for (next = s + 1; next < sources.Length && sources[next] == source;)
                next++;
            int start = segments.Start(s), count = segments.Offsets[next] - start;
            int first = _segments.Start(source), length = _segments.Length(source);
            parts.Add(tape.Attention(
                queries with { Source = queries.Source.DetachedRows(start, count) },
                _keys with { Source = _keys.Source.DetachedRows(first, length) },
                _values with { Source = _values.Source.DetachedRows(first, length) },
                Segments.Equal(1, count), Segments.Equal(1, length),
                options.KeyMask.IsEmpty ? options : options with { KeyMask = options.KeyMask.Slice(first, length) }));
        }
        return parts.Count == 1 ? parts[0] : tape.Concat(0, [.. parts]);
    }
}

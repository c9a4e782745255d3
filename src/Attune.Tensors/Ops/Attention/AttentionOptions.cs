namespace Attune.Tensors.Ops;

/// <summary>What attention does between the product of queries and keys and the mixing of values.</summary>
public sealed record AttentionOptions
{
    /// <summary>The factor of the scores; null means 1 / sqrt(width of a head).</summary>
    public float? Scale { get; init; }

    /// <summary>Whether query <c>i</c> of a segment sees only the keys up to its own position, <c>i + CausalOffset</c>.</summary>
    public bool Causal { get; init; }

    /// <summary>
    /// The position, among the keys of its segment, of the first query, for <see cref="Causal"/> and <see cref="Window"/>. Null means that
    /// the last query is at the last key: 0 if there are as many queries as keys, the number of cached keys when decoding.
    /// </summary>
    public int? CausalOffset { get; init; }

    /// <summary>
    /// Local attention: a query sees only keys less than this many positions away (with <see cref="Causal"/>, the last
    /// <c>Window</c> keys up to its own). Null means all.
    /// </summary>
    public int? Window { get; init; }

    /// <summary>
    /// Added to the scaled scores: <c>[heads, query length, key length]</c> shared by all segments (shorter ones use its first rows and
    /// columns), or one value a score, segment after segment: <c>[sum over segments of heads * Lq * Lk]</c> or, with equal lengths,
    /// <c>[segments, heads, Lq, Lk]</c>.
    /// </summary>
    public Tensor? Bias { get; init; }

    /// <summary>
    /// At most two terms of scores that go by pairs. The first says which keys each query sees, so that they go with no mask, window or bias, and
    /// with a scale above 0.
    /// </summary>
    public IReadOnlyList<IndexedTerm> Terms { get; init; } = [];

    /// <summary>Whether each key row may be seen; empty means all. A query that sees no key gets zeros.</summary>
    public ReadOnlyMemory<bool> KeyMask { get; init; }

    /// <summary>
    /// Queries that read what they see alike, whatever their scores (biases and masks count): what references make of padding that sees only
    /// padding. Gradients reach their scores all the same, as they do there. Empty means none.
    /// </summary>
    public ReadOnlyMemory<bool> UniformQueries { get; init; }

    /// <summary>The probability with which an attention weight is dropped while training.</summary>
    public float Dropout { get; init; }
}

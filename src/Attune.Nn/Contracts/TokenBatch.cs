using Attune.Tensors;

namespace Attune.Nn.Contracts;

/// <summary>A ragged batch of token sequences: the real tokens only, one after another.</summary>
public sealed record TokenBatch
{
    /// <summary>The token of each row. Empty if <see cref="Features"/> is given.</summary>
    public ReadOnlyMemory<int> Ids { get; init; }

    /// <summary>Vectors in place of token embeddings: <c>[rows, input width]</c>.</summary>
    public Tensor? Features { get; init; }

    /// <summary>Where each sequence begins and ends.</summary>
    public required Segments Segments { get; init; }

    /// <summary>The position of each row in its sequence; null counts from 0.</summary>
    public ReadOnlyMemory<int>? Positions { get; init; }

    /// <summary>The token type (segment A or B) of each row; null is all 0.</summary>
    public ReadOnlyMemory<int>? TypeIds { get; init; }

    /// <summary>The task id of each row (ERNIE); null is all 0.</summary>
    public ReadOnlyMemory<int>? TaskIds { get; init; }

    /// <summary>
    /// Which rows others may see; null is all. Batches have no padding, so only foreign layouts that compute with it need this.
    /// </summary>
    public ReadOnlyMemory<bool>? KeyMask { get; init; }

    /// <summary>The entities that tokens are aligned with (ERNIE of THU); null is none.</summary>
    public EntityRows? Entities { get; init; }

    /// <summary>What earlier rows of these sequences have left, when decoding step by step; null if all rows are here.</summary>
    public IDecodingState? State { get; init; }

    /// <summary>
    /// What backbones with <see cref="Capabilities.Memory"/> made of the segments before these, one sequence for each; null if these are the
    /// first ones.
    /// </summary>
    public SegmentMemory? Memory { get; init; }

    /// <summary>Whether such a backbone is to give the memory that the next segments will read.</summary>
    public bool KeepsMemory { get; init; }

    /// <summary>
    /// Which pairs of rows of a sequence may see each other, query by key, <c>[sum over sequences of length * length]</c>; null is all that the
    /// backbone's direction allows. Needs <see cref="Capabilities.FreeMask"/>.
    /// </summary>
    public ReadOnlyMemory<bool>? PairMask { get; init; }

    /// <summary>
    /// Rows that read what they see alike, whatever their scores: what foreign layouts make of padding that sees only padding. Null is none.
    /// </summary>
    public ReadOnlyMemory<bool>? UniformRows { get; init; }

    /// <summary>
    /// The rows that are predicted without being seen: the backbone gives a row for each of these instead of one for each token. Needs
    /// <see cref="Capabilities.TwoStream"/>.
    /// </summary>
    public TargetRows? Targets { get; init; }

    /// <summary>The number of rows.</summary>
    public int Rows => Segments.Rows;

    /// <summary>Makes a batch of sequences of token ids.</summary>
    public static TokenBatch Of(params ReadOnlySpan<int[]> sequences)
    {
        int[] lengths = new int[sequences.Length];
        for (int s = 0; s < sequences.Length; s++)
            lengths[s] = sequences[s].Length;
        var segments = Segments.FromLengths(lengths);
        int[] ids = new int[segments.Rows];
        for (int s = 0; s < sequences.Length; s++)
            sequences[s].CopyTo(ids.AsSpan(segments.Start(s)));
        return new TokenBatch { Ids = ids, Segments = segments };
    }

    /// <summary>Makes a batch of the token ids (and types, if any has some) of examples.</summary>
    /// <param name="examples">The examples; each has at least one token.</param>
    /// <param name="arrays">Where the memory comes from.</param>
    /// <param name="leftOff">How many tokens at the end of each example are left off.</param>
    /// <exception cref="ArgumentException">An example has no tokens (left), or another number of types than of tokens.</exception>
    public static TokenBatch Of(IReadOnlyList<Example> examples, BatchArrays arrays, int leftOff = 0)
    {
        Span<int> lengths = examples.Count <= 256 ? stackalloc int[examples.Count] : new int[examples.Count];
        bool typed = false;
        for (int s = 0; s < lengths.Length; s++)
        {
            Example example = examples[s];
            lengths[s] = example.Ids.Length - leftOff;
            if (lengths[s] <= 0)
                throw new ArgumentException($"Example {s} of the batch has {example.Ids.Length} tokens; at least {leftOff + 1} are needed.", nameof(examples));
            if (!example.TypeIds.IsEmpty && example.TypeIds.Length != example.Ids.Length)
                throw new ArgumentException($"Example {s} of the batch has {example.Ids.Length} tokens but {example.TypeIds.Length} token types.", nameof(examples));
            typed |= !example.TypeIds.IsEmpty;
        }
        var segments = Segments.FromLengths(lengths);
        Memory<int> ids = arrays.Ints(segments.Rows);
        Memory<int> types = typed ? arrays.Ints(segments.Rows, 0) : default;
        for (int s = 0; s < lengths.Length; s++)
        {
            examples[s].Ids[..lengths[s]].CopyTo(ids[segments.Start(s)..]);
            if (!examples[s].TypeIds.IsEmpty)
                examples[s].TypeIds[..lengths[s]].CopyTo(types[segments.Start(s)..]);
        }
        return new TokenBatch { Ids = ids, Segments = segments, TypeIds = typed ? (ReadOnlyMemory<int>?)types : null };
    }

    /// <summary>The same sequences moved one place to the right: each begins with a given token and loses its last one.</summary>
    internal TokenBatch ShiftedRight(int startId)
    {
        int[] ids = new int[Rows];
        for (int s = 0; s < Segments.Count; s++)
        {
            int start = Segments.Start(s), length = Segments.Length(s);
            if (length == 0)
                continue;
            ids[start] = startId;
            Ids.Span.Slice(start, length - 1).CopyTo(ids.AsSpan(start + 1));
        }
        return new TokenBatch { Ids = ids, Segments = Segments };
    }
}

/// <summary>Rows of a batch that are predicted without being seen.</summary>
/// <param name="Rows">Their numbers within the batch, sequence after sequence.</param>
/// <param name="Segments">How many each sequence has.</param>
public sealed record TargetRows(ReadOnlyMemory<int> Rows, Segments Segments);

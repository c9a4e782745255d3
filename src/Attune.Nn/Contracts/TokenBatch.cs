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
}

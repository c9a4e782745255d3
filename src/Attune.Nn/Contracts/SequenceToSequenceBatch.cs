using Attune.Tensors;

namespace Attune.Nn.Contracts;

/// <summary>Sources for an encoder, and targets for a decoder that predicts each target token from those before it.</summary>
public sealed record SequenceToSequenceBatch : Batch
{
    /// <summary>What the encoder reads.</summary>
    public required TokenBatch Source { get; init; }

    /// <summary>What the decoder is to write. It reads a start token, then the target without its last token.</summary>
    public required TokenBatch Target { get; init; }

    /// <summary>Makes a batch.</summary>
    /// <param name="pairs">The source and the target of each example; neither may be empty.</param>
    /// <exception cref="ArgumentException">A source or target is empty.</exception>
    public static SequenceToSequenceBatch Of(IReadOnlyList<(ReadOnlyMemory<int> Source, ReadOnlyMemory<int> Target)> pairs)
    {
        var arrays = new BatchArrays();
        int[] sourceLengths = new int[pairs.Count], targetLengths = new int[pairs.Count];
        for (int s = 0; s < pairs.Count; s++)
        {
            (sourceLengths[s], targetLengths[s]) = (pairs[s].Source.Length, pairs[s].Target.Length);
            if (sourceLengths[s] == 0 || targetLengths[s] == 0)
                throw new ArgumentException($"Example {s} of the batch has {sourceLengths[s]} source and {targetLengths[s]} target tokens; both need at least one.", nameof(pairs));
        }
        Segments sources = Segments.FromLengths(sourceLengths), targets = Segments.FromLengths(targetLengths);
        Memory<int> source = arrays.Ints(sources.Rows), target = arrays.Ints(targets.Rows);
        for (int s = 0; s < pairs.Count; s++)
        {
            pairs[s].Source.CopyTo(source[sources.Start(s)..]);
            pairs[s].Target.CopyTo(target[targets.Start(s)..]);
        }
        return new SequenceToSequenceBatch
        {
            Source = new TokenBatch { Ids = source, Segments = sources },
            Target = new TokenBatch { Ids = target, Segments = targets },
            Arrays = arrays,
            Examples = pairs.Count,
            Tokens = sources.Rows + (long)targets.Rows,
            Weight = targets.Rows,
        };
    }

    /// <summary>The mean loss of the decoder's predictions.</summary>
    public Tensor Loss(Pass pass, Model model, float smoothing = 0)
    {
        var backbone = (IEncoderDecoder)model.Backbone;
        BackboneOutput output = backbone.Decode(pass, Target.ShiftedRight(model.DecoderStartId), backbone.Encode(pass, Source));
        return output.WithAuxiliaryLoss(pass, model.Head<ITokenHead>(HeadKind.SequenceToSequenceLm).Loss(pass, output, Target.Ids, smoothing));
    }
}

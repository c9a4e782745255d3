using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Ops;

namespace Attune.Nn.OutputHeads;

/// <summary>A classifier with a hidden layer that reads the decoder's row at the last end-of-sentence token of the source (BART).</summary>
public sealed class EosClassificationHead : Module, ISequenceHead
{
    private readonly Linear _dense;
    private readonly Linear _output;
    private readonly float _dropout;

    /// <summary>Declares both layers.</summary>
    public EosClassificationHead(int width, int classes, int eosId, float dropout, Initializer initializer)
    {
        EosId = eosId;
        _dropout = dropout;
        _dense = Own("dense", new Linear(width, width, initializer));
        _output = Own("output", new Linear(width, classes, initializer));
    }

    /// <inheritdoc/>
    public HeadKind Kind => HeadKind.SequenceClassification;

    /// <inheritdoc/>
    /// <summary>The token that ends a source.</summary>
    public int EosId { get; }

    /// <exception cref="InvalidOperationException">The output is not a decoder's.</exception>
    /// <exception cref="ArgumentException">A source has no end-of-sentence token, or source and target differ in length.</exception>
    public Tensor Logits(Pass pass, BackboneOutput output)
    {
        TokenBatch source = output.Encoder?.Batch ?? throw new InvalidOperationException("This head reads an encoder-decoder's decoder.");
        Segments segments = output.Batch.Segments;
        int[] rows = new int[segments.Count];
        for (int s = 0; s < rows.Length; s++)
        {
            ReadOnlySpan<int> ids = source.Ids.Span.Slice(source.Segments.Start(s), source.Segments.Length(s));
            int last = ids.LastIndexOf(EosId);
            if (last < 0)
                throw new ArgumentException($"Sequence {s} has no end-of-sentence token ({EosId}), which this classifier reads.");
            if (last >= segments.Length(s))
                throw new ArgumentException($"Sequence {s} has {segments.Length(s)} decoder tokens; its end-of-sentence token is the source's number {last}.");
            rows[s] = segments.Start(s) + last;
        }
        Tensor x = pass.Tape.Dropout(pass.Tape.GatherRows(output.Hidden, rows), _dropout);
        x = pass.Tape.Dropout(_dense.Forward(pass.Tape, x, Activation.Tanh), _dropout);
        return _output.Forward(pass.Tape, x);
    }
}

using Attune.Nn.Blocks;
using Attune.Nn.Blocks.Sets;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Ops;

namespace Attune.Backbones.SetTransformer;

/// <summary>The encoder of a set: a row for each element, which knows nothing of its place.</summary>
internal sealed class SetBackbone : Module, ISequenceBackbone
{
    private readonly TokenEmbedding? _embedding;
    private readonly ISetBlock _encoder;
    private readonly int _inputs;

    /// <summary>Puts the backbone together.</summary>
    /// <param name="embedding">From tokens to elements; null if elements are given as vectors.</param>
    /// <param name="encoder">Works on the elements.</param>
    /// <param name="inputs">The width of an element.</param>
    /// <param name="width">The width of its rows.</param>
    public SetBackbone(TokenEmbedding? embedding, Module encoder, int inputs, int width)
    {
        (Width, _inputs) = (width, inputs);
        _embedding = embedding is null ? null : Own("embedding", embedding);
        _encoder = (ISetBlock)Own("encoder", encoder);
    }

    /// <inheritdoc/>
    public Capabilities Capabilities =>
        Capabilities.Bidirectional | Capabilities.ReplaceableEmbeddings | (_embedding is null ? Capabilities.None : Capabilities.Tokens);

    /// <inheritdoc/>
    public int Width { get; }

    /// <inheritdoc/>
    public int? MaxLength => null;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The batch has no vectors, and the model no tokens; or the vectors are of another width.</exception>
    public BackboneOutput Forward(Pass pass, TokenBatch batch)
    {
        Tensor elements = batch.Features ?? _embedding?.Forward(pass.Tape, batch)
            ?? throw new ArgumentException("This model reads vectors, and the batch has none; give it a vocab_size to read tokens.", nameof(batch));
        if (elements.Shape.Width != _inputs)
            throw new ArgumentException($"Elements have {_inputs} numbers in this model; those given have {elements.Shape.Width}.", nameof(batch));
        (Tensor rows, _) = _encoder.Forward(pass.Tape, elements, batch.Segments);
        return new BackboneOutput { Hidden = rows, Batch = batch };
    }
}

/// <summary>Answers for whole sets: pooled by attention, or by the mean of the elements.</summary>
internal sealed class SetHead : Module, ISequenceHead
{
    private readonly SetStack? _decoder;
    private readonly ISetBlock _answer;
    private readonly int _outputs;

    /// <summary>Puts the head together.</summary>
    /// <param name="decoder">Pools and works on what it pooled; null is the mean.</param>
    /// <param name="answer">From pooled rows to answers.</param>
    /// <param name="outputs">The answers for each set.</param>
    public SetHead(SetStack? decoder, Module answer, int outputs)
    {
        _decoder = decoder is null ? null : Own("decoder", decoder);
        _answer = (ISetBlock)Own("answer", answer);
        _outputs = outputs;
    }

    /// <inheritdoc/>
    public HeadKind Kind => HeadKind.SequenceClassification;

    /// <summary>The answers for each set.</summary>
    public int Outputs => _outputs;

    /// <inheritdoc/>
    public Tensor Logits(Pass pass, BackboneOutput output)
    {
        Segments sets = output.Batch.Segments;
        (Tensor rows, Segments pooled) = _decoder?.Forward(pass.Tape, output.Hidden, sets)
            ?? (pass.Tape.SegmentMean(output.Hidden, sets), Segments.Equal(sets.Count, 1));
        (Tensor answers, _) = _answer.Forward(pass.Tape, rows, pooled);
        return answers.Reshape([sets.Count, checked((int)answers.Count) / sets.Count]);
    }
}

using System.Globalization;
using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Mixers;
using Attune.Nn.Parameters;
using Attune.Tensors;

namespace Attune.Backbones.ErnieThu;

/// <summary>Token layers as BERT's, and others in which a stream of entities meets them.</summary>
internal sealed class ErnieThuBackbone : Module, ISequenceBackbone, IHasTokenTable, IHasMixers, IReadsEntities
{
    private readonly TokenEmbedding _embedding;
    private readonly List<Module> _layers = [];
    private readonly Pooler? _pooler;

    /// <summary>Puts the backbone together.</summary>
    /// <param name="width">The width of its rows.</param>
    /// <param name="entityWidth">The width of entities.</param>
    /// <param name="embedding">From ids to rows.</param>
    /// <param name="layers">A <see cref="Block"/> or an <see cref="EntityBlock"/> each.</param>
    /// <param name="pooler">Gives a vector for each sequence; null if there is none.</param>
    public ErnieThuBackbone(int width, int entityWidth, TokenEmbedding embedding, IEnumerable<Module> layers, Pooler? pooler)
    {
        (Width, EntityWidth) = (width, entityWidth);
        _embedding = Own("embedding", embedding);
        foreach (Module layer in layers)
            _layers.Add(Own("layers." + _layers.Count.ToString(CultureInfo.InvariantCulture), layer));
        _pooler = pooler is null ? null : Own("pooler", pooler);
    }

    /// <inheritdoc/>
    public Capabilities Capabilities =>
        Capabilities.Bidirectional | Capabilities.Tokens | Capabilities.ReplaceableEmbeddings | Capabilities.Entities;

    /// <inheritdoc/>
    public int Width { get; }

    /// <inheritdoc/>
    public int EntityWidth { get; }

    /// <inheritdoc/>
    public int? MaxLength => _embedding.MaxLength;

    /// <inheritdoc/>
    public Parameter TokenTable => _embedding.Tokens;

    /// <inheritdoc/>
    public void ReplaceMixers(MixerSettings settings)
    {
        MixerReplacement tokens = new(settings, Capabilities, MaxLength), entities = new(settings, Capabilities, MaxLength);
        foreach (Module layer in _layers)
        {
            if (layer is EntityBlock both)
                both.ReplaceMixers(tokens, entities, EntityWidth);
            else
                ((Block)layer).ReplaceMixer(tokens, Width);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The entities do not fit the rows or the model's width.</exception>
    public BackboneOutput Forward(Pass pass, TokenBatch batch)
    {
        EntityRows given = batch.Entities ?? None(batch);
        if (given.Aligned.Length != batch.Rows || given.Vectors.Shape != Shape.Of(batch.Rows, EntityWidth))
            throw new ArgumentException($"{batch.Rows} rows need entities of width {EntityWidth}; those given are {given.Vectors.Shape}.", nameof(batch));
        float[] marks = new float[batch.Rows];
        for (int row = 0; row < marks.Length; row++)
            marks[row] = given.Aligned.Span[row] ? 1 : 0;
        Tensor aligned = Tensor.From([batch.Rows, 1], marks);
        var context = new MixerContext(batch.Segments) { KeyMask = batch.KeyMask ?? default };
        var entityContext = new MixerContext(batch.Segments) { KeyMask = given.Aligned };
        Tensor x = _embedding.Forward(pass.Tape, batch), entities = given.Vectors;
        pass.Trace?.HiddenStates.Add(x);
        List<Tensor> outputs = [];
        foreach (Module layer in _layers)
        {
            if (layer is EntityBlock both)
                (x, entities) = both.Forward(pass, x, entities, aligned, context, entityContext);
            else
                x = ((Block)layer).Forward(pass, x, context);
            outputs.Add(x);
            pass.Trace?.HiddenStates.Add(x);
            pass.Trace?.SecondStream.Add(entities);
        }
        return new BackboneOutput { Hidden = x, Pooled = _pooler?.Forward(pass.Tape, x, batch.Segments), Layers = outputs, Batch = batch };
    }

    // Without entities only the first row counts as having one, of zeros.
    private EntityRows None(TokenBatch batch)
    {
        bool[] aligned = new bool[batch.Rows];
        for (int s = 0; s < batch.Segments.Count; s++)
        {
            if (batch.Segments.Length(s) > 0)
                aligned[batch.Segments.Start(s)] = true;
        }
        return new EntityRows(Tensor.Zeros([batch.Rows, EntityWidth]), aligned);
    }
}

using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.Mixers;

/// <summary>What an attention by distances has besides its <see cref="AttentionShape"/>.</summary>
public sealed record RelativeOptions
{
    /// <summary>What is added to queries of contents, <c>[heads, head width]</c>; null if each attention has its own.</summary>
    public Parameter? ContentBias { get; init; }

    /// <summary>What is added to queries of distances, <c>[heads, head width]</c>; null if each attention has its own.</summary>
    public Parameter? PositionBias { get; init; }

    /// <summary>Whether scores depend on whether both rows are of the same token type, too (XLNet).</summary>
    public bool Relations { get; init; }

    /// <summary>Whether weights are stored with an axis for the heads (XLNet).</summary>
    public bool HeadAxis { get; init; }
}

/// <summary>
/// Attention whose scores depend on how far apart a query and a key are, which may be a row of an earlier segment (Dai et al. 2019,
/// arXiv:1901.02860). With a second stream of rows, which are read by none, all rows that may be predicted are (Yang et al. 2019, arXiv:1906.08237).
/// </summary>
public sealed class RelativeAttention : Module, ISequenceMixer
{
    private readonly AttentionShape _shape;
    private readonly Linear? _packed;
    private readonly Linear? _query;
    private readonly Linear? _key;
    private readonly Linear? _value;
    private readonly Linear _position;
    private readonly Linear _output;
    private readonly Parameter _contentBias;
    private readonly Parameter _positionBias;
    private readonly Parameter? _relationBias;
    private readonly Parameter? _relations;

    /// <summary>Declares the projections.</summary>
    public RelativeAttention(AttentionShape shape, RelativeOptions options)
    {
        _shape = shape;
        int heads = options.HeadAxis ? shape.Heads : 0;
        Linear Projection(int outputs) => new(shape.Width, outputs, shape.Initializer, bias: false, shape.Layout, heads);
        if (shape.Packed)
        {
            _packed = Own("packed", Projection(3 * shape.InnerWidth));
        }
        else
        {
            _query = Own("query", Projection(shape.InnerWidth));
            _key = Own("key", Projection(shape.InnerWidth));
            _value = Own("value", Projection(shape.InnerWidth));
        }
        _position = Own("position", Projection(shape.InnerWidth));
        _output = Own("output", new Linear(shape.InnerWidth, shape.Width, shape.Initializer, bias: false, WeightLayout.OutIn, heads));
        Parameter Bias(string name, Parameter? shared) => shared is null
            ? Own(name, [shape.Heads, shape.HeadWidth], shape.Initializer, ParameterRole.Bias)
            : Own(name, shared);
        _contentBias = Bias("contentBias", options.ContentBias);
        _positionBias = Bias("positionBias", options.PositionBias);
        if (!options.Relations)
            return;
        _relationBias = Bias("relationBias", null);
        _relations = Own("relations", [2, shape.Heads, shape.HeadWidth], shape.Initializer, ParameterRole.Position);
    }

    /// <inheritdoc/>
    public Capabilities Capabilities =>
        Capabilities.Bidirectional | Capabilities.Causal | Capabilities.FreeMask | Capabilities.TwoStream | Capabilities.Memory;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The stack does not say how its rows stand to each other.</exception>
    public Tensor Mix(Pass pass, Tensor x, MixerContext context)
    {
        RelativePairs pairs = context.Relative
            ?? throw new InvalidOperationException("Attention by distances needs a stack that says how its rows stand to each other.");
        Tape tape = pass.Tape;
        Tensor seen = pairs.Streams.Count == 1 ? x : tape.Slice(x, 0, 0, pairs.Streams[0].Queries.Rows);
        Tensor read = context.Memory is null ? seen : tape.GatherRows(tape.Concat(0, context.Memory, seen), pairs.KeyRows);
        (Tensor query, Heads keys, Heads values) = Project(tape, x, read);
        Tensor content = Biased(tape, query, _contentBias), distance = Biased(tape, query, _positionBias);
        Tensor? relation = _relationBias is null ? null : Biased(tape, query, _relationBias);
        Heads positions = HeadsOf(_position.Forward(tape, pairs.Positions));

        var mixed = new Tensor[pairs.Streams.Count];
        int first = 0;
        for (int i = 0; i < mixed.Length; i++)
        {
            RelativeStream stream = pairs.Streams[i];
            Heads Rows(Tensor all) => HeadsOf(mixed.Length == 1 ? all : tape.Slice(all, 0, first, stream.Queries.Rows));
            Heads queries = Rows(content);
            List<IndexedTerm> terms = [new(Rows(distance), positions, stream.Distances)];
            if (relation is not null && stream.Relations is { } relations)
                terms.Add(new(Rows(relation), HeadsOf(_relations!.Value.Reshape([2, _shape.InnerWidth])), relations));
            mixed[i] = AttentionCore.Run(
                pass, pass.Trace?.Attentions, queries, keys, values, stream.Queries, pairs.Keys,
                new AttentionOptions { Scale = _shape.ScoreScale, Terms = terms, UniformQueries = stream.Uniform, Dropout = _shape.Dropout });
            first += stream.Queries.Rows;
        }
        return _output.Forward(tape, mixed.Length == 1 ? mixed[0] : tape.Concat(0, mixed));
    }

    private (Tensor Query, Heads Keys, Heads Values) Project(Tape tape, Tensor x, Tensor read)
    {
        int inner = _shape.InnerWidth;
        if (_packed is null)
            return (_query!.Forward(tape, x), HeadsOf(_key!.Forward(tape, read)), HeadsOf(_value!.Forward(tape, read)));
        if (ReferenceEquals(x, read))
        {
            Tensor packed = _packed.Forward(tape, x);
            return (tape.Slice(packed, 1, 0, inner), HeadsOf(packed, inner), HeadsOf(packed, 2 * inner));
        }
        Tensor weight = _packed.Weight.Value;
        Tensor both = tape.Linear(read, tape.Slice(weight, 0, inner, 2 * inner));
        return (tape.Linear(x, tape.Slice(weight, 0, 0, inner)), HeadsOf(both), HeadsOf(both, inner));
    }

    private static Tensor Biased(Tape tape, Tensor query, Parameter bias) => tape.Add(query, bias.Value.Reshape([query.Shape.Width]));

    private Heads HeadsOf(Tensor source, int column = 0) => new(source, column, _shape.Heads, _shape.HeadWidth);
}

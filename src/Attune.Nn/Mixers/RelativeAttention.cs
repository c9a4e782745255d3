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
            Tensor scores = tape.IndexedScores(Rows(distance), positions, stream.Queries, pairs.Keys, stream.Distances, _shape.ScoreScale);
            if (relation is not null && stream.Relations is { } relations)
            {
                Tensor kinds = _relations!.Value.Reshape([2, _shape.InnerWidth]);
                scores = tape.Add(scores, tape.IndexedScores(Rows(relation), HeadsOf(kinds), stream.Queries, pairs.Keys, relations, _shape.ScoreScale));
            }
            if (!tape.Measuring)
                Level(stream, pairs.Keys, queries, keys, scores);
            mixed[i] = AttentionCore.Run(
                pass, pass.Trace?.Attentions, queries, keys, values, stream.Queries, pairs.Keys,
                new AttentionOptions { Scale = _shape.ScoreScale, Bias = scores, Dropout = _shape.Dropout });
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

    // A row that sees nothing mixes all keys alike, because the reference hides keys with a number that drowns every score; its gradients are
    // those of the scores all the same. Taking off the score itself does both.
    private void Level(RelativeStream stream, Segments keys, Heads queries, Heads source, Tensor scores)
    {
        if (stream.Blind.Count == 0)
            return;
        Span<float> values = scores.Span;
        ReadOnlySpan<float> query = queries.Source.Span, key = source.Source.Span;
        foreach ((int sequence, int row) in stream.Blind)
        {
            int count = keys.Length(sequence), rows = stream.Queries.Length(sequence);
            int before = 0;
            for (int s = 0; s < sequence; s++)
                before += _shape.Heads * stream.Queries.Length(s) * keys.Length(s);
            for (int head = 0; head < _shape.Heads; head++)
            {
                int at = before + (head * rows + row) * count;
                ReadOnlySpan<float> own = Row(query, queries, stream.Queries.Start(sequence) + row, head);
                for (int k = 0; k < count; k++)
                    values[at + k] = -_shape.ScoreScale * Dot(own, Row(key, source, keys.Start(sequence) + k, head));
            }
        }
    }

    private static ReadOnlySpan<float> Row(ReadOnlySpan<float> values, Heads heads, int row, int head) =>
        values.Slice(row * heads.Source.Shape.Width + heads.Column + head * heads.Width, heads.Width);

    private static float Dot(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        float sum = 0;
        for (int i = 0; i < left.Length; i++)
            sum += left[i] * right[i];
        return sum;
    }

    private Heads HeadsOf(Tensor source, int column = 0) => new(source, column, _shape.Heads, _shape.HeadWidth);
}

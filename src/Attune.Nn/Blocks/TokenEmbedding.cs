using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.Blocks;

/// <summary>The parts of a token embedding. A table with 0 rows is left out.</summary>
/// <param name="Vocabulary">The number of tokens.</param>
/// <param name="Width">The width of the tables.</param>
public sealed record EmbeddingShape(int Vocabulary, int Width)
{
    /// <summary>The number of rows of the position table, offset included.</summary>
    public int Positions { get; init; }

    /// <summary>Added to a row's position to find its row in the table (RoBERTa: padding id + 1).</summary>
    public int PositionOffset { get; init; }

    /// <summary>Whether padding tokens inside a sequence are not counted and sit at the position of the padding id (RoBERTa).</summary>
    public bool PaddingHasNoPosition { get; init; }

    /// <summary>The number of token types.</summary>
    public int Types { get; init; }

    /// <summary>The number of task ids (ERNIE).</summary>
    public int Tasks { get; init; }

    /// <summary>The token whose row gets no gradient from look-ups; null if there is none.</summary>
    public int? PaddingId { get; init; }

    /// <summary>What token vectors are multiplied with, but not vectors given in their place (BART with scaled embeddings: the square root of the width).</summary>
    public float Scale { get; init; } = 1;

    /// <summary>A token table that belongs to another part, too (encoder and decoder share one); null declares one.</summary>
    public Parameter? SharedTokens { get; init; }

    /// <summary>Another embedding of the same shape whose tables and norm are this one's, too; only a projection is its own (ELECTRA's generator).</summary>
    public TokenEmbedding? Shared { get; init; }

    /// <summary>The epsilon of the layer norm after the sum; null if there is no norm.</summary>
    public float? NormEpsilon { get; init; }

    /// <summary>The dropout at the end.</summary>
    public float Dropout { get; init; }

    /// <summary>The model's width, where it differs from the tables' (ALBERT, ELECTRA: a projection follows).</summary>
    public int? ProjectedWidth { get; init; }

    /// <summary>What the tables start from.</summary>
    public Initializer Initializer { get; init; } = Initializer.Normal(0.02f);

    /// <summary>Whether positions are sines and cosines, which are neither trained nor saved.</summary>
    public bool Sinusoidal { get; init; }

    /// <summary>What the position table starts from; null is as the others.</summary>
    public Initializer? PositionInitializer { get; init; }

    /// <summary>The token that has no position of its own; its row of the position table gets no gradient, like its token vector.</summary>
    internal int? UncountedId => PaddingHasNoPosition ? PaddingId : null;

    /// <summary>The longest sequence there are positions for; null if there is no limit.</summary>
    public int? MaxLength => Positions == 0 ? null : Positions - PositionOffset;
}

/// <summary>Token ids (or given vectors) to rows: the sum of token, position, type and task vectors, then norm, dropout and projection.</summary>
public sealed class TokenEmbedding : Module
{
    private readonly EmbeddingShape _shape;
    private readonly Parameter? _positions;
    private readonly Lazy<Tensor>? _sinusoids;
    private readonly Parameter? _types;
    private readonly Parameter? _tasks;
    private readonly Norm? _norm;
    private readonly Linear? _projection;

    /// <summary>Declares the tables.</summary>
    public TokenEmbedding(EmbeddingShape shape)
    {
        _shape = shape;
        Linear? Projection() => shape.ProjectedWidth is { } width ? Own("projection", new Linear(shape.Width, width, shape.Initializer)) : null;
        if (shape.Shared is { } other)
        {
            Tokens = Own("tokens", other.Tokens);
            _positions = other._positions is null ? null : Own("positions", other._positions);
            _sinusoids = other._sinusoids;
            _types = other._types is null ? null : Own("types", other._types);
            _tasks = other._tasks is null ? null : Own("tasks", other._tasks);
            _norm = other._norm is null ? null : Own("norm", other._norm);
            _projection = Projection();
            return;
        }
        Initializer tokens = shape is { PaddingId: { } row, Initializer: Initializer.NormalDistribution normal }
            ? Initializer.NormalExceptRow(normal.Deviation, row, shape.Width)
            : shape.Initializer;
        Tokens = shape.SharedTokens is { } shared
            ? Own("tokens", shared)
            : Own("tokens", [shape.Vocabulary, shape.Width], tokens, ParameterRole.Embedding);
        if (shape is { Positions: > 0, Sinusoidal: true })
            _sinusoids = new Lazy<Tensor>(() => SinusoidalPositions.Table(shape.Positions, shape.Width));
        else if (shape.Positions > 0)
            _positions = Own("positions", [shape.Positions, shape.Width], shape.PositionInitializer ?? shape.Initializer, ParameterRole.Position);
        if (shape.Types > 0)
            _types = Own("types", [shape.Types, shape.Width], shape.Initializer, ParameterRole.Embedding);
        if (shape.Tasks > 0)
            _tasks = Own("tasks", [shape.Tasks, shape.Width], shape.Initializer, ParameterRole.Embedding);
        if (shape.NormEpsilon is { } epsilon)
            _norm = Own("norm", new Norm(shape.Width, epsilon));
        _projection = Projection();
    }

    /// <summary>The token table, <c>[vocabulary, width]</c>.</summary>
    public Parameter Tokens { get; }

    /// <summary>The longest sequence there are positions for; null if there is no limit.</summary>
    public int? MaxLength => _shape.MaxLength;

    /// <summary>The standard deviation that its rows start with.</summary>
    public float Spread => _norm is null && _shape.Initializer is Initializer.NormalDistribution tokens ? tokens.Deviation * _shape.Scale : 1;

    /// <summary>Gives the rows of a batch: <c>[rows, model width]</c>.</summary>
    /// <exception cref="ArgumentException">A sequence is longer than there are positions, or an id is out of range.</exception>
    public Tensor Forward(Tape tape, TokenBatch batch)
    {
        if (batch.Positions is null && MaxLength is { } longest && Longest(batch) is var length && length > longest)
        {
            throw new ArgumentException(
                $"A sequence of {length} tokens does not fit this model, which has {longest} positions. Truncate it to at most {longest} tokens.");
        }
        Tensor x = batch.Features ?? Looked(tape, batch.Ids);
        if ((_positions?.Value ?? _sinusoids?.Value) is { } table)
            x = tape.Add(x, tape.Embedding(table, PositionsOf(batch), _shape.UncountedId));
        if (_types is not null)
            x = tape.Add(x, tape.Embedding(_types.Value, batch.TypeIds ?? new int[batch.Rows]));
        if (_tasks is not null)
            x = tape.Add(x, tape.Embedding(_tasks.Value, batch.TaskIds ?? new int[batch.Rows]));
        if (_norm is not null)
            x = _norm.Forward(tape, x);
        x = tape.Dropout(x, _shape.Dropout);
        return _projection is null ? x : _projection.Forward(tape, x);
    }

    private static int Longest(TokenBatch batch)
    {
        if (batch.State is null)
            return batch.Segments.MaxLength;
        int longest = 0;
        for (int s = 0; s < batch.Segments.Count; s++)
            longest = Math.Max(longest, batch.State.Length(s) + batch.Segments.Length(s));
        return longest;
    }

    private Tensor Looked(Tape tape, ReadOnlyMemory<int> ids)
    {
        Tensor x = tape.Embedding(Tokens.Value, ids, _shape.PaddingId);
        return _shape.Scale == 1 ? x : tape.Scale(x, _shape.Scale);
    }

    private ReadOnlyMemory<int> PositionsOf(TokenBatch batch)
    {
        if (batch.Positions is { } given)
            return _shape.PositionOffset == 0 ? given : Array.ConvertAll(given.ToArray(), position => position + _shape.PositionOffset);
        int[] positions = new int[batch.Rows];
        ReadOnlySpan<int> ids = batch.Ids.Span;
        for (int s = 0; s < batch.Segments.Count; s++)
        {
            int next = _shape.PositionOffset + (batch.State?.Length(s) ?? 0);
            int end = batch.Segments.Start(s) + batch.Segments.Length(s);
            for (int row = batch.Segments.Start(s); row < end; row++)
                positions[row] = _shape.UncountedId is { } padding && !ids.IsEmpty && ids[row] == padding ? padding : next++;
        }
        return positions;
    }
}

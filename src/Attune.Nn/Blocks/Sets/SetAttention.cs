using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.Blocks.Sets;

/// <summary>The shape of a <see cref="SetAttention"/>.</summary>
/// <param name="QueryWidth">The width of the rows that ask.</param>
/// <param name="KeyWidth">The width of the rows that are asked.</param>
/// <param name="Width">The width of the result.</param>
/// <param name="Heads">The number of heads; it divides the width.</param>
/// <param name="LayerNorm">Whether layer norms follow both residual sums.</param>
public sealed record SetShape(int QueryWidth, int KeyWidth, int Width, int Heads, bool LayerNorm);

/// <summary>
/// The multihead attention block of Set Transformers (Lee et al. 2019, arXiv:1810.00825): attention whose residual is the projected query, then a
/// relu layer with a residual of its own. Scores are scaled by the full width, and no map follows the heads.
/// </summary>
public sealed class SetAttention : Module
{
    private const float Epsilon = 1e-5f;

    private readonly SetShape _shape;
    private readonly Linear _query;
    private readonly Linear _key;
    private readonly Linear _value;
    private readonly Linear _output;
    private readonly Norm? _norm;
    private readonly Norm? _outputNorm;

    /// <summary>Declares the block.</summary>
    public SetAttention(SetShape shape)
    {
        _shape = shape;
        static Linear Map(int inputs, int outputs) => new(inputs, outputs, Initializer.Uniform(1 / MathF.Sqrt(inputs)));
        _query = Own("query", Map(shape.QueryWidth, shape.Width));
        _key = Own("key", Map(shape.KeyWidth, shape.Width));
        _value = Own("value", Map(shape.KeyWidth, shape.Width));
        _output = Own("output", Map(shape.Width, shape.Width));
        if (shape.LayerNorm)
        {
            _norm = Own("norm", new Norm(shape.Width, Epsilon));
            _outputNorm = Own("outputNorm", new Norm(shape.Width, Epsilon));
        }
    }

    /// <summary>Lets each row of a set read all rows of another.</summary>
    /// <param name="tape">The tape.</param>
    /// <param name="queries">The rows that ask, <c>[rows, query width]</c>.</param>
    /// <param name="querySets">Their sets.</param>
    /// <param name="keys">The rows that are asked, <c>[rows, key width]</c>.</param>
    /// <param name="keySets">Their sets, as many.</param>
    /// <returns><c>[query rows, width]</c></returns>
    public Tensor Forward(Tape tape, Tensor queries, Segments querySets, Tensor keys, Segments keySets)
    {
        Tensor query = _query.Forward(tape, queries);
        Tensor read = tape.Attention(
            Heads.Of(query, _shape.Heads), Heads.Of(_key.Forward(tape, keys), _shape.Heads), Heads.Of(_value.Forward(tape, keys), _shape.Heads),
            querySets, keySets, new AttentionOptions { Scale = 1 / MathF.Sqrt(_shape.Width) });
        Tensor x = tape.Add(query, read);
        x = _norm?.Forward(tape, x) ?? x;
        x = tape.Add(x, _output.Forward(tape, x, Activation.Relu));
        return _outputNorm?.Forward(tape, x) ?? x;
    }
}

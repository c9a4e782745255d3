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
    private readonly SetShape _shape;
    private readonly SetResidual _around;
    private readonly Linear _key;
    private readonly Linear _value;

    /// <summary>Declares the block.</summary>
    public SetAttention(SetShape shape)
    {
        _shape = shape;
        _around = Own("around", new SetResidual(shape));
        _key = Own("key", SetResidual.Map(shape.KeyWidth, shape.Width));
        _value = Own("value", SetResidual.Map(shape.KeyWidth, shape.Width));
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
        Tensor query = _around.Query(tape, queries);
        return _around.Add(tape, query, tape.Attention(
            Heads.Of(query, _shape.Heads), Heads.Of(_key.Forward(tape, keys), _shape.Heads), Heads.Of(_value.Forward(tape, keys), _shape.Heads),
            querySets, keySets, new AttentionOptions { Scale = 1 / MathF.Sqrt(_shape.Width) }));
    }
}

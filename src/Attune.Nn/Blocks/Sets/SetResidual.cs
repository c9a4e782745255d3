using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.Blocks.Sets;

/// <summary>What stands around the reading in a block of a Set Transformer: the projected query is the residual, a relu layer with a residual of its own follows.</summary>
internal sealed class SetResidual : Module
{
    private const float Epsilon = 1e-5f;

    private readonly Linear _query;
    private readonly Linear _output;
    private readonly Norm? _norm;
    private readonly Norm? _outputNorm;

    /// <summary>Declares the parts.</summary>
    public SetResidual(SetShape shape)
    {
        _query = Own("query", Map(shape.QueryWidth, shape.Width));
        _output = Own("output", Map(shape.Width, shape.Width));
        if (shape.LayerNorm)
        {
            _norm = Own("norm", new Norm(shape.Width, Epsilon));
            _outputNorm = Own("outputNorm", new Norm(shape.Width, Epsilon));
        }
    }

    /// <summary>A linear map as all of these blocks have them.</summary>
    public static Linear Map(int inputs, int outputs) => new(inputs, outputs, Initializer.Uniform(1 / MathF.Sqrt(inputs)));

    /// <summary>The rows that ask, at the block's width.</summary>
    public Tensor Query(Tape tape, Tensor rows) => _query.Forward(tape, rows);

    /// <summary>The block's result from what its queries have read.</summary>
    public Tensor Add(Tape tape, Tensor query, Tensor read)
    {
        Tensor x = tape.Add(query, read);
        x = _norm?.Forward(tape, x) ?? x;
        x = tape.Add(x, _output.Forward(tape, x, Activation.Relu));
        return _outputNorm?.Forward(tape, x) ?? x;
    }
}

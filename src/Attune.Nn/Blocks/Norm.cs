using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.Blocks;

/// <summary>Which norm a model uses.</summary>
public enum NormKind
{
    /// <summary>Layer norm with scale and shift (Ba, Kiros and Hinton 2016).</summary>
    Layer,

    /// <summary>Root-mean-square norm with a scale only (Zhang and Sennrich 2019).</summary>
    RootMeanSquare,
}

/// <summary>A norm over the last axis, alone or in one pass with the residual connection around it.</summary>
public sealed class Norm : Module
{
    private readonly NormKind _kind;
    private readonly float _epsilon;
    private readonly Parameter _weight;
    private readonly Parameter? _bias;

    /// <summary>Declares a norm over rows of <paramref name="width"/> numbers.</summary>
    public Norm(int width, float epsilon, NormKind kind = NormKind.Layer)
    {
        _kind = kind;
        _epsilon = epsilon;
        _weight = Own("weight", [width], Initializer.Ones, ParameterRole.NormScale);
        if (kind == NormKind.Layer)
            _bias = Own("bias", [width], Initializer.Zeros, ParameterRole.NormShift);
    }

    /// <summary>Normalises each row.</summary>
    public Tensor Forward(Tape tape, Tensor x) => _kind == NormKind.Layer
        ? tape.LayerNorm(x, _weight.Value, _bias?.Value, _epsilon)
        : tape.RmsNorm(x, _weight.Value, _epsilon);

    /// <summary><c>norm(residual + dropout(x))</c>: the wiring of a post-norm block.</summary>
    public Tensor AddNorm(Tape tape, Tensor x, Tensor residual, float dropout) => _kind == NormKind.Layer
        ? tape.AddNorm(x, residual, _weight.Value, _bias?.Value, _epsilon, dropout)
        : Forward(tape, tape.AddDropout(x, residual, dropout));

    /// <summary><c>sum = residual + dropout(x)</c> and its norm: the wiring of a pre-norm block.</summary>
    public (Tensor Sum, Tensor Normed) AddThenNorm(Tape tape, Tensor x, Tensor residual, float dropout)
    {
        if (_kind == NormKind.Layer)
            return tape.AddThenNorm(x, residual, _weight.Value, _bias?.Value, _epsilon, dropout);
        Tensor sum = tape.AddDropout(x, residual, dropout);
        return (sum, Forward(tape, sum));
    }
}

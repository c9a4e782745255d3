using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;

namespace Attune.Nn.Mixers;

/// <summary>A convolution along sequences, without the projections around it; see <see cref="ConvolutionMixer"/>.</summary>
public interface ISequenceConvolution : IModule
{
    /// <summary>Which positions it sees.</summary>
    ConvolutionWindow Window(bool causal);

    /// <summary>Convolves rows <c>[rows, channels]</c> within each sequence.</summary>
    /// <param name="tape">The tape.</param>
    /// <param name="x">The rows.</param>
    /// <param name="segments">The sequences.</param>
    /// <param name="causal">Whether a position must not see what follows it.</param>
    /// <param name="stepwise">Whether the sequences grow row by row, so that their length says nothing.</param>
    Tensor Convolve(Tape tape, Tensor x, Segments segments, bool causal, bool stepwise = false);
}

using System.Globalization;
using Attune.Nn.Blocks;
using Attune.Nn.Blocks.Sets;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Ops;

namespace Attune.Backbones.SetTransformer;

/// <summary>Linear maps with relu between them, for each row by itself. Each is named by its place in the reference's list, which counts relus.</summary>
internal sealed class SetNetwork : Module, ISetBlock
{
    private const int PlacesPerLayer = 2;

    private readonly List<Linear> _layers = [];

    /// <summary>Declares the maps.</summary>
    /// <param name="widths">The width of the input, of each hidden layer, and of the output.</param>
    /// <param name="first">The place of the first.</param>
    public SetNetwork(IReadOnlyList<int> widths, int first = 0)
    {
        for (int i = 0; i + 1 < widths.Count; i++)
        {
            string name = (first + i * PlacesPerLayer).ToString(CultureInfo.InvariantCulture);
            _layers.Add(Own(name, new Linear(widths[i], widths[i + 1], Initializer.Uniform(1 / MathF.Sqrt(widths[i])))));
        }
    }

    public (Tensor Rows, Segments Sets) Forward(Pass pass, Tensor rows, Segments sets)
    {
        for (int i = 0; i < _layers.Count; i++)
            rows = _layers[i].Forward(pass.Tape, rows, i < _layers.Count - 1 ? Activation.Relu : Activation.None);
        return (rows, sets);
    }
}

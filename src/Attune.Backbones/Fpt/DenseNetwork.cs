using System.Globalization;
using Attune.Nn.Blocks;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Backbones.Fpt;

/// <summary>Linear maps with relu and dropout between them. Each is named by its place in the reference's list, which counts relu and dropout.</summary>
internal sealed class DenseNetwork : Module
{
    private const int PlacesPerLayer = 3;

    private readonly List<Linear> _layers = [];
    private readonly float _dropout;
    private readonly bool _dropsLast;

    /// <summary>Declares the maps.</summary>
    /// <param name="widths">The width of the input, of each hidden layer, and of the output.</param>
    /// <param name="dropout">The dropout after each hidden layer.</param>
    /// <param name="dropsLast">Whether it follows the output as well.</param>
    /// <param name="initializer">What a map starts from, by its inputs and outputs.</param>
    public DenseNetwork(IReadOnlyList<int> widths, float dropout, bool dropsLast, Func<int, int, Initializer> initializer)
    {
        (_dropout, _dropsLast) = (dropout, dropsLast);
        for (int i = 0; i + 1 < widths.Count; i++)
        {
            string name = (i * PlacesPerLayer).ToString(CultureInfo.InvariantCulture);
            _layers.Add(Own(name, new Linear(widths[i], widths[i + 1], initializer(widths[i], widths[i + 1]))));
        }
    }

    /// <summary>Maps each row.</summary>
    public Tensor Forward(Tape tape, Tensor x)
    {
        for (int i = 0; i < _layers.Count; i++)
        {
            bool last = i == _layers.Count - 1;
            x = _layers[i].Forward(tape, x, last ? Activation.None : Activation.Relu);
            if (!last || _dropsLast)
                x = tape.Dropout(x, _dropout);
        }
        return x;
    }
}

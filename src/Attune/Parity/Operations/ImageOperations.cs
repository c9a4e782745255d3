using Attune.Formats;
using Attune.Parity.Layouts;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Parity.Operations;

/// <summary>Layers over images and signals: <c>[batch, channels, ..]</c>.</summary>
internal static class ImageOperations
{
    public static IReadOnlyDictionary<string, ReferenceOperation> All { get; } = new Dictionary<string, ReferenceOperation>
    {
        ["conv1d"] = Conv1d,
        ["conv2d"] = Conv2d,
        ["max_pool2d"] = (tape, inputs) => Y(tape.MaxPool2d(inputs["x"], Window(inputs.Arguments, 0), Window(inputs.Arguments, 1))),
        ["avg_pool2d"] = (tape, inputs) => Y(tape.AvgPool2d(
            inputs["x"], Window(inputs.Arguments, 0), Window(inputs.Arguments, 1), inputs.Arguments.Bool("count_include_pad", true))),
        ["adaptive_avg_pool2d"] = (tape, inputs) => inputs.Arguments.IntArray("output_size") is [var height, var width]
            ? Y(tape.AdaptiveAvgPool2d(inputs["x"], height, width))
            : throw inputs.Arguments.Error("output_size", "two numbers"),
        ["batch_norm2d"] = BatchNorm,
        ["group_norm"] = (tape, inputs) => Y(tape.GroupNorm(
            inputs["x"], inputs.Arguments.Size("num_groups"), inputs.Find("weight"), inputs.Find("bias"), (float)inputs.Arguments.Float("eps", 1e-5))),
        ["interpolate"] = Interpolate,
    };

    private static Dictionary<string, Tensor> Y(Tensor y) => new() { ["y"] = y };

    private static Dictionary<string, Tensor> Conv1d(Tape tape, OperationInputs inputs)
    {
        JsonFields args = inputs.Arguments;
        Tensor weight = inputs["weight"];
        var window = new SlidingWindow(weight.Shape[2], args.Size("stride", 1), args.Int("padding", 0), args.Size("dilation", 1));
        return Y(tape.Conv1d(inputs["x"], weight, inputs.Find("bias"), window, args.Size("groups", 1)));
    }

    private static Dictionary<string, Tensor> Conv2d(Tape tape, OperationInputs inputs)
    {
        JsonFields args = inputs.Arguments;
        Tensor weight = inputs["weight"];
        SlidingWindow Window(int axis) =>
            new(weight.Shape[2 + axis], Each(args, "stride", axis, 1), Each(args, "padding", axis, 0), Each(args, "dilation", axis, 1));
        return Y(tape.Conv2d(inputs["x"], weight, inputs.Find("bias"), Window(0), Window(1), args.Size("groups", 1)));
    }

    private static Dictionary<string, Tensor> BatchNorm(Tape tape, OperationInputs inputs)
    {
        JsonFields args = inputs.Arguments;
        Tensor mean = inputs["running_mean"], variance = inputs["running_var"];
        Tensor y = tape.BatchNorm(
            inputs["x"], inputs.Find("weight"), inputs.Find("bias"), mean, variance,
            (float)args.Float("momentum", 0.1), (float)args.Float("eps", 1e-5), args.Bool("training"));
        return new() { ["y"] = y, ["running_mean"] = mean, ["running_var"] = variance };
    }

    private static Dictionary<string, Tensor> Interpolate(Tape tape, OperationInputs inputs)
    {
        JsonFields args = inputs.Arguments;
        if (args.Bool("align_corners", false))
            throw new UnknownCaseException("setting", "align_corners");
        Interpolation mode = args.String("mode") switch
        {
            "bilinear" => Interpolation.Linear,
            "bicubic" => Interpolation.Cubic,
            var other => throw new UnknownCaseException("mode", other),
        };
        return args.IntArray("size") is [var height, var width]
            ? Y(tape.Resize(inputs["x"], height, width, mode, args.Bool("antialias", false)))
            : throw args.Error("size", "two numbers");
    }

    private static SlidingWindow Window(JsonFields args, int axis)
    {
        int kernel = Each(args, "kernel_size", axis, 1);
        return new SlidingWindow(kernel, Each(args, "stride", axis, kernel), Each(args, "padding", axis, 0), Each(args, "dilation", axis, 1))
        {
            RoundUp = args.Bool("ceil_mode", false),
        };
    }

    // One number for both axes, or one for each.
    private static int Each(JsonFields args, string name, int axis, int fallback) => args.Raw(name) switch
    {
        null => fallback,
        System.Text.Json.Nodes.JsonArray => args.IntArray(name) is [var height, var width] ? axis == 0 ? height : width : throw args.Error(name, "two numbers"),
        _ => args.Int(name),
    };
}

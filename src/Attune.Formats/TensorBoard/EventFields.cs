namespace Attune.Formats;

// Field numbers of tensorflow/core/util/event.proto, framework/summary.proto and framework/tensor.proto.

internal static class EventField
{
    public const int WallTime = 1, Step = 2, FileVersion = 3, Summary = 5;
}

internal static class SummaryField
{
    public const int Value = 1;
}

internal static class ValueField
{
    public const int Tag = 1, SimpleValue = 2, Tensor = 8, Metadata = 9;
}

internal static class TensorField
{
    public const int Type = 1, Shape = 2, Strings = 8, ShapeDimension = 2, DimensionSize = 1;
}

internal static class MetadataField
{
    public const int Plugin = 1, PluginName = 1;
}

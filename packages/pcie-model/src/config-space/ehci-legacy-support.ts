import { type RegisterFile, type RegisterLayout, registerLayout } from '@quiesce/simulation';
import { ro, rw, rw1c } from './field-shorthand.ts';

/**
 * USB Legacy Support of an EHCI controller. It stands in config space where HCCPARAMS.EECP of the controller says, outside
 * of the list of capabilities. Firmware is no program of the model: at the moment at which software asks for the
 * controller, it has handed it over.
 */
export const ehciLegacySupport: RegisterLayout<
  | 'USBLEGSUP.ID'
  | 'USBLEGSUP.NEXT'
  | 'USBLEGSUP.BIOS'
  | 'USBLEGSUP.OS'
  | 'USBLEGCTLSTS.ENABLES'
  | 'USBLEGCTLSTS.OWNERSHIP'
  | 'USBLEGCTLSTS.OWNERSHIP_CHANGED'
  | 'USBLEGCTLSTS.COMMAND_WRITTEN'
  | 'USBLEGCTLSTS.BAR_WRITTEN'
> = registerLayout({
  name: 'EHCI legacy support',
  specification: 'Enhanced Host Controller Interface Specification for USB 1.0',
  size: 8,
  registers: [
    {
      name: 'USBLEGSUP',
      offset: 0x00,
      width: 32,
      section: '2.1.7',
      fields: [
        ro('ID', 7, 0),
        ro('NEXT', 15, 8),
        rw('BIOS', 16, 16, 'firmware owns the controller'),
        rw('OS', 24, 24, 'software owns the controller'),
      ],
    },
    {
      name: 'USBLEGCTLSTS',
      offset: 0x04,
      width: 32,
      section: '2.1.8',
      fields: [
        rw('ENABLES', 5, 0, 'causes of an SMI, for firmware alone'),
        rw('OWNERSHIP', 13, 13, 'an SMI on a change of OS, for firmware alone'),
        rw1c('OWNERSHIP_CHANGED', 29),
        rw1c('COMMAND_WRITTEN', 30),
        rw1c('BAR_WRITTEN', 31),
      ],
    },
  ],
});

/** Lays legacy support over the config space of an EHCI controller, at a multiple of 4 from 40h to F8h. */
export function placeEhciLegacySupport(file: RegisterFile, offset: number): void {
  const { field } = ehciLegacySupport;
  file.place(ehciLegacySupport, offset, { keepValues: true });
  file.onWrite(offset, 32, () => {
    if (file.get(field['USBLEGSUP.OS'], offset) === 1) file.set(field['USBLEGSUP.BIOS'], 0, offset);
  });
}
